import type { Desk, DeskCaller, Undoable } from '../desk.ts';
import { type AdminAnswer, say } from './answer.ts';
import { code } from './words.ts';

const nothingOwn = 'You changed nothing in the last ten minutes that can be undone.';
/** More buttons than these are no choice. */
const mostShown = 10;

/** `undo`: takes back the change with an id or the newest of the person's own, or lists their own. */
export function createUndoAnswer(desk: Desk) {
  return async (id: string | undefined, by: DeskCaller): Promise<AdminAnswer> => {
    if (id !== undefined && id !== 'last') return say(await desk.undo(id, by));
    const own = await desk.undoable(by);
    const [newest] = own;
    if (newest === undefined) return say(nothingOwn);
    return id === 'last' ? say(await desk.undo(newest.id, by)) : listOf(own.slice(0, mostShown), own.length);
  };
}

/** The newest first. */
function listOf(shown: readonly Undoable[], count: number): AdminAnswer {
  const lines = shown.map(
    (one, n) => `${n + 1}. ${one.title} ${one.done}: ${leftText(one.leftMs)} left. ${code(`undo ${one.id}`)}`,
  );
  const more = count > shown.length ? [`${count - shown.length} older ones are not shown.`] : [];
  return say(
    ['**What you changed and can undo**, the newest first (`undo last`):', '', ...lines, ...more].join('\n'),
    shown.map(({ id }, n) => ({ label: `Undo ${n + 1}`, line: `undo ${id}` })),
  );
}

function leftText(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000));
  const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60];
  return minutes === 0 ? `${rest} s` : `${minutes} min ${rest} s`;
}
