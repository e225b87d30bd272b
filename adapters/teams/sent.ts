import type { AdapterMemory } from '../../src/chat/adapter-memory.ts';
import { at, type Json, textOf } from '../../src/chat/json.ts';
import type { Reply } from '../../src/chat/reply.ts';
import { approvalIn } from './approval-cards.ts';
import { type Spot, spotKey } from './streams.ts';
import { decodeThreadId } from './thread-id.ts';

/** The parts of replies that were sent, so that an attempt after a failure adds only what is missing. */
export interface Sent {
  /** Undefined: it was not sent, as far as anybody knows. */
  idOf(key: string, part: string): Promise<string | undefined>;
  /** Resolves to whether it will be known after a restart too. Never throws. */
  note(key: string, part: string, id: string): Promise<boolean>;
}

/** The message that asks for a decision. */
export interface Asking {
  readonly threadId: string;
  readonly activityId: string;
}

const dayMs = 24 * 3_600_000;
const feedbackMs = 30 * dayMs;
const mostKept = 2000;

export function createSent(memory: AdapterMemory): Sent {
  const here = new Map<string, string>();
  return {
    async idOf(key, part) {
      const name = `post:${key}:${part}`;
      const id = here.get(name) ?? textOf(await memory.get(name));
      return id === '' ? undefined : id;
    },
    async note(key, part, id) {
      const name = `post:${key}:${part}`;
      here.set(name, id);
      const [oldest] = here.keys();
      if (here.size > mostKept && oldest !== undefined) here.delete(oldest);
      return await memory.put(name, id, dayMs).then(
        () => true,
        () => false,
      );
    },
  };
}

/** Remembers which turn a message answers, for feedback, and which approval it asks for. */
export async function noteMessage(
  memory: AdapterMemory,
  { asking, message, reply }: { readonly asking: Asking; readonly message: Json; readonly reply: Reply },
): Promise<void> {
  const place = decodeThreadId(asking.threadId);
  if (place !== undefined)
    await memory.put(replyKey({ place, id: asking.activityId }), reply.turnId, feedbackMs);
  const approvalId = approvalIn(message);
  const card = reply.approvals?.find(({ id }) => id === approvalId);
  if (approvalId === undefined || card === undefined) return;
  const keepMs = Math.max(dayMs, Date.parse(card.expiresAt) - Date.now() + dayMs);
  await memory.put(approvalKey(approvalId), asking, keepMs);
  const before = await askedIn(memory, reply.turnId);
  await memory.put(askingKey(reply.turnId), [...new Set([...before, approvalId])], keepMs);
}

/** The turn that a message of the bot answers. */
export async function turnOf(memory: AdapterMemory, spot: Spot): Promise<string | undefined> {
  const turnId = spot.id === '' ? '' : textOf(await memory.get(replyKey(spot)));
  return turnId === '' ? undefined : turnId;
}

/** The message that asks for this decision. */
export async function askingOf(memory: AdapterMemory, approvalId: string): Promise<Asking | undefined> {
  const found = await memory.get(approvalKey(approvalId));
  const [threadId, activityId] = [textOf(at(found, 'threadId')), textOf(at(found, 'activityId'))];
  return threadId === '' || activityId === '' ? undefined : { threadId, activityId };
}

/** What a turn asked so far. */
export async function askedIn(memory: AdapterMemory, turnId: string): Promise<readonly string[]> {
  const found = await memory.get(askingKey(turnId));
  return Array.isArray(found) ? found.map(textOf) : [];
}

const replyKey = (spot: Spot) => `reply:${spotKey(spot)}`;
const approvalKey = (id: string) => `approval:${id}`;
const askingKey = (turnId: string) => `asking:${turnId}`;
