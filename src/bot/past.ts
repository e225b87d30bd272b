import { hasBackground, withBackground } from '../agent/background.ts';
import type { Exchange } from '../agent/budget.ts';
import type { LoadFiles } from '../agent/files.ts';
import type { Snapshot } from '../resources/port.ts';
import type { ActiveTurn } from './activation.ts';
import type { BotParts } from './parts.ts';

/** The question with its writer's name where several people share the thread. */
export function questionOf({ turn, named }: ActiveTurn) {
  const { files } = turn;
  const message = {
    role: 'user',
    text: withBackground(turn.question, turn.context),
    ...(files === undefined ? {} : { files }),
  } as const;
  return named ? { ...message, name: turn.asker.name } : message;
}

/** Reads a file from the store once in an activation, however many requests show it. */
export function filesLoader(parts: BotParts, { lease }: ActiveTurn): LoadFiles {
  const known = new Map<string, string>();
  return async (ids) => {
    const missing = ids.filter((id) => !known.has(id));
    if (missing.length > 0)
      for (const [id, data] of await parts.turns.files(lease.threadId, missing)) known.set(id, data);
    for (const id of known.keys()) if (!ids.includes(id)) known.delete(id);
    return known;
  };
}

/** What the model remembers of the thread, within its room. */
export async function loadHistory(
  parts: BotParts,
  active: ActiveTurn,
  maxTokens: number,
): Promise<readonly Exchange[]> {
  if (active.head === undefined) return [];
  const { head, turn, lease } = active;
  const ttlMs = ttlOf(active.config);
  const without = turn.checkpointId === undefined ? {} : { without: turn.checkpointId };
  return await parts.sessions.load(lease.threadId, head, { maxTokens, ttlMs, ...without });
}

/** How long a conversation may be idle. */
export function ttlOf(config: Snapshot): number {
  return config.settings.chat_session_ttl_minutes * 60_000;
}

/** What the asker wrote: in this turn, and before where nobody else writes in the thread. */
export function askersWords({ turn, journal, named }: ActiveTurn, history: readonly Exchange[]): string {
  const said = journal.steps.flatMap((step) => (step.type === 'said' ? [step.message.text] : []));
  const messages = named ? [] : history.flatMap((item) => item.messages);
  // What a question stands in is in its text there, and is nobody's word.
  const before = messages.flatMap((message) =>
    message.role === 'user' && !hasBackground(message.text) ? [message.text] : [],
  );
  return [turn.question, ...said, ...before].join('\n');
}
