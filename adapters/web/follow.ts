import type { Bot, TurnView } from '../../src/chat/bot.ts';
import type { Received, ThreadId } from '../../src/chat/inbound.ts';
import { ClearedError } from './cleared-error.ts';
import type { ChatEvent } from './events.ts';
import type { Hub, LiveTurn } from './hub.ts';
import { createNarrator, type Narrator } from './narrate.ts';
import { isSettled, shortId, turnIn } from './render.ts';
import { openWatch } from './watch.ts';

/** Where to look, and for how long. */
export interface Following {
  readonly bot: Bot;
  readonly hub: Hub;
  readonly threadId: ThreadId;
  readonly signal: AbortSignal;
}

/** Live content reaches a stream at most this often, so that a token costs no write of its own. */
const CONTENT_EVERY_MS = 20;

/** While a preview of the turn is open here, stored changes are taken on trust for this long. */
const TRUST_LIVE_MS = 10_000;

const RECHECK_TURN_MS = 5_000;
const RECHECK_THREAD_MS = 60_000;

/**
 * Waits until the turn that answers a message ended or pauses. Undefined: the signal aborted first.
 * While the turn runs in this process its steps are not read back: the closing preview is the hint.
 */
export async function settledTurn(following: Following, received: Received): Promise<TurnView | undefined> {
  const { bot, hub, threadId, signal } = following;
  const watch = openWatch({ ...following, recheckMs: RECHECK_TURN_MS });
  const reading = createReading();
  let turn: TurnView | undefined;
  try {
    if (received.duplicate) turn = await storedTurn(bot, received);
    while (!turn || !isSettled(turn.status)) {
      await watch.news();
      if (signal.aborted) return undefined;
      if (watch.takeChange()) reading.needed();
      const runsHere = hub.current(threadId)?.turnId === (turn?.id ?? received.turnId);
      if (reading.due(runsHere)) turn = await storedTurn(bot, received);
    }
    return turn;
  } finally {
    watch.end();
  }
}

/** The events of the turn that answers a message, in batches, until it ended or pauses. */
export async function* followTurn(
  following: Following,
  received: Received,
): AsyncGenerator<readonly ChatEvent[], void, undefined> {
  const { bot, hub, threadId, signal } = following;
  const watch = openWatch({ ...following, recheckMs: RECHECK_TURN_MS, contentEveryMs: CONTENT_EVERY_MS });
  const narrator = createNarrator(shortId(threadId));
  const live = createLiveReader(narrator);
  const reading = createReading();
  let turn: TurnView | undefined;
  try {
    if (received.duplicate) reading.needed();
    else yield narrator.status(received.turnId, 'queued');
    while (!signal.aborted) {
      const turnId = turn?.id ?? received.turnId;
      const current = hub.current(threadId);
      const events = [...live(current?.turnId === turnId ? current : undefined)];
      if (watch.takeChange()) reading.needed();
      if (reading.due(current?.turnId === turnId)) {
        turn = await storedTurn(bot, received);
        const running = hub.current(threadId);
        events.push(...live(running?.turnId === turn.id ? running : undefined));
        events.push(...(await storedEvents(bot, narrator, turn)));
      }
      if (events.length > 0) yield events;
      if (turn && isSettled(turn.status)) return;
      await watch.news();
    }
  } finally {
    watch.end();
  }
}

/** The events of a thread, in batches, until the signal aborts: its running turn so far, then whatever comes. */
export async function* followThread(
  following: Following,
): AsyncGenerator<readonly ChatEvent[], void, undefined> {
  const { bot, hub, threadId, signal } = following;
  const watch = openWatch({ ...following, recheckMs: RECHECK_THREAD_MS, contentEveryMs: CONTENT_EVERY_MS });
  const narrator = createNarrator(shortId(threadId));
  const live = createLiveReader(narrator);
  const reading = createReading();
  let lastLive: string | undefined;
  try {
    reading.needed();
    while (!signal.aborted) {
      const current = hub.current(threadId);
      lastLive = current?.turnId ?? lastLive;
      const events = [...live(current)];
      if (watch.takeChange()) reading.needed();
      if (reading.due(current !== undefined)) {
        const conversation = await bot.conversation(threadId);
        const newest = conversation?.turns.at(-1);
        for (const id of new Set([lastLive, newest?.id])) {
          const turn = conversation && id !== undefined ? turnIn(conversation, id) : undefined;
          if (turn && hub.current(threadId)?.turnId !== id)
            events.push(...narrator.stored(turn, conversation));
        }
        if (conversation) events.push(...narrator.restated(conversation));
      }
      if (events.length > 0) yield events;
      await watch.news();
    }
  } finally {
    watch.end();
  }
}

async function storedTurn(bot: Bot, received: Received): Promise<TurnView> {
  const turn = await bot.turnOf(received);
  if (!turn) throw new ClearedError();
  return turn;
}

/** Messages are read only for a turn whose live events are not heard here. */
async function storedEvents(bot: Bot, narrator: Narrator, turn: TurnView): Promise<readonly ChatEvent[]> {
  const isHeard = turn.status === 'queued' || narrator.heardLive(turn.id);
  return narrator.stored(turn, isHeard ? undefined : await bot.conversation(turn.threadId));
}

/** Reads a live turn to its end even when it has left the hub meanwhile. */
function createLiveReader(narrator: Narrator): (current: LiveTurn | undefined) => readonly ChatEvent[] {
  let held: LiveTurn | undefined;
  return (current) => {
    const rest = held && held !== current ? narrator.live(held) : [];
    held = current;
    return current ? [...rest, ...narrator.live(current)] : rest;
  };
}

/** Whether stored state must be read again; reading is put off while live events tell the same. */
function createReading(): { needed(): void; due(runsHere: boolean): boolean } {
  let isNeeded = false;
  let readAt = Date.now();
  return {
    needed() {
      isNeeded = true;
    },
    due(runsHere) {
      if (!isNeeded || (runsHere && Date.now() - readAt < TRUST_LIVE_MS)) return false;
      isNeeded = false;
      readAt = Date.now();
      return true;
    },
  };
}
