import type { AdminAnswer, Button } from './answer.ts';
import type { Line } from './command-line.ts';

const share = /\s+(?:share|public)\s*$/i;

/**
 * An answer for everybody in the place: what its asker may press is not what its readers may, so that all that
 * stands on it opens the same for whoever presses, within what they may. Forms and questions stay private.
 */
export function sharedAnswer(answer: AdminAnswer, { reading }: Line, text: string): AdminAnswer {
  if (answer.type === 'form' || answer.type === 'confirm') return { ...answer, isPublic: false };
  const buttons: readonly Button[] =
    isLooking(reading) && share.test(text) ? [{ label: 'Open for me', line: text.replace(share, '') }] : [];
  if (answer.type === 'text') return { ...answer, buttons, isPublic: true };
  const rows = answer.rows.map((row) => ({ ...row, buttons: [] }));
  return { ...answer, rows, buttons, isPublic: true };
}

/** What is said again without doing anything again. */
function isLooking(reading: Line['reading']): boolean {
  if (reading.type !== 'command') return /^(?:help|help_on|usage|doctor|trace)$/.test(reading.type);
  const { deed, pairs, name } = reading.command;
  if (deed === undefined) return name === '' || pairs.length === 0;
  return deed.type === 'verb' && (deed.verb === 'list' || deed.verb === 'show');
}
