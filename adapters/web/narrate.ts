import type { Conversation, TranscriptMessage, TurnStatus, TurnView } from '../../src/chat/bot.ts';
import type { LiveEvent } from '../../src/chat/live.ts';
import type { ChatEvent } from './events.ts';
import type { LiveTurn } from './hub.ts';
import { approvalJson, concernJson, finalJson, isSettled } from './render.ts';

/**
 * Tells one listener the story of turns, from two sources that overlap (live events and stored
 * state), saying each thing once. Knows no time and no transport.
 */
export interface Narrator {
  /** What is new since the last call about the activation that runs here. */
  live(turn: LiveTurn): readonly ChatEvent[];
  /**
   * What is new in a turn's stored state: its status, its approvals, its end, which needs no `turn` before it. With the conversation
   * also its new words and tool calls, unless live events told them or the turn was over at first sight.
   */
  stored(turn: TurnView, conversation?: Conversation): readonly ChatEvent[];
  /** What of a conversation says something else than at the last look. */
  restated(conversation: Conversation): readonly ChatEvent[];
  /** Whether live events told of this turn. */
  heardLive(turnId: string): boolean;
  /** Announces a status without more. */
  status(turnId: string, status: TurnStatus): readonly ChatEvent[];
}

interface Told {
  status?: TurnStatus;
  live: boolean;
  storedMessages: number;
  readonly approvals: Map<string, string>;
  readonly started: Set<string>;
  readonly ended: Set<string>;
}

/** How many turns a listener's story remembers; older ones are over. */
const MAX_TURNS = 16;

export function createNarrator(threadId: string): Narrator {
  const turns = new Map<string, Told>();
  let place: { readonly turn: LiveTurn; entry: number; char: number } | undefined;

  function told(turnId: string): Told {
    const known = turns.get(turnId);
    if (known) return known;
    const fresh: Told = {
      live: false,
      storedMessages: 0,
      approvals: new Map(),
      started: new Set(),
      ended: new Set(),
    };
    turns.set(turnId, fresh);
    const [oldest] = turns.keys();
    if (turns.size > MAX_TURNS && oldest !== undefined) turns.delete(oldest);
    return fresh;
  }

  const words = new Map<string, string>();

  function restated({ messages }: Conversation): readonly ChatEvent[] {
    return messages.flatMap((message): readonly ChatEvent[] => {
      if (message.role !== 'assistant' || message.concern === undefined) return [];
      const { text, concern, turnId } = message;
      const data = { turn_id: turnId, text, concern: concernJson(concern) };
      const [before, now] = [words.get(turnId), JSON.stringify(data)];
      words.set(turnId, now);
      return before === undefined || before === now ? [] : [{ event: 'restated', data }];
    });
  }

  function status(turnId: string, now: TurnStatus): readonly ChatEvent[] {
    const known = told(turnId);
    if (known.status === now) return [];
    known.status = now;
    return [{ event: 'turn', data: { turn_id: turnId, thread_id: threadId, status: now } }];
  }

  function live(turn: LiveTurn): readonly ChatEvent[] {
    if (place?.turn !== turn) place = { turn, entry: 0, char: 0 };
    const known = told(turn.turnId);
    const events: ChatEvent[] = [...status(turn.turnId, 'running')];
    known.live = true;
    for (; place.entry < turn.entries.length; place.entry++, place.char = 0) {
      const entry = turn.entries[place.entry];
      if (!entry) break;
      events.push(...liveEvent(turn.turnId, entry, place.char, known));
      if (place.entry === turn.entries.length - 1 && entry.type === 'text') {
        place.char = entry.text.length;
        break;
      }
    }
    return events;
  }

  function stored(turn: TurnView, conversation?: Conversation): readonly ChatEvent[] {
    const known = told(turn.id);
    const wasSeenActive = known.status !== undefined;
    const ended = known.status !== turn.status && isSettled(turn.status);
    // What was told to its end is not told again, however often it is read.
    const goesOn = (ended && wasSeenActive) || !isSettled(turn.status);
    const events: ChatEvent[] = [];
    if (ended && wasSeenActive) known.status = turn.status;
    else events.push(...status(turn.id, turn.status));
    if (conversation && !known.live && goesOn) {
      events.push(...progress(conversation, turn.id, known));
    }
    for (const card of turn.approvals) {
      if (known.approvals.get(card.id) === card.state) continue;
      known.approvals.set(card.id, card.state);
      events.push({ event: 'approval', data: { turn_id: turn.id, approval: approvalJson(card) } });
    }
    if (ended) events.push({ event: 'final', data: finalJson(turn) });
    return events;
  }

  return { live, stored, restated, status, heardLive: (turnId) => turns.get(turnId)?.live ?? false };
}

function progress(conversation: Conversation, turnId: string, known: Told): readonly ChatEvent[] {
  const messages = conversation.messages.filter((message) => message.turnId === turnId);
  const from = known.storedMessages;
  known.storedMessages = messages.length;
  return messages.flatMap((message, index) => storedMessage(message, index >= from, known));
}

function liveEvent(turnId: string, entry: LiveEvent, fromChar: number, known: Told): readonly ChatEvent[] {
  switch (entry.type) {
    case 'text':
      return entry.text.length > fromChar
        ? [{ event: 'text', data: { turn_id: turnId, text: entry.text.slice(fromChar) } }]
        : [];
    case 'restart':
      return [{ event: 'restart', data: { turn_id: turnId, reason: entry.reason } }];
    case 'tool_start':
      return toolStart(turnId, entry, known);
    case 'tool_progress':
      return [toolProgress(turnId, entry)];
    case 'tool_end':
      return toolEnd(turnId, entry, known);
    case 'plan':
      return [{ event: 'plan', data: { turn_id: turnId, steps: entry.steps } }];
    case 'status':
      return [{ event: 'status', data: { turn_id: turnId, text: entry.text } }];
    case 'started':
    case 'reasoning':
      return [];
    default:
      return entry satisfies never;
  }
}

function storedMessage(message: TranscriptMessage, isNew: boolean, known: Told): readonly ChatEvent[] {
  const { turnId } = message;
  if (message.role === 'tool') {
    if (message.status === 'waiting') return [];
    const start = toolStart(turnId, message, known);
    if (message.status === 'running') return start;
    const { callId, tool, durationMs = 0, text } = message;
    return [
      ...start,
      ...toolEnd(turnId, { callId, tool, ok: message.status === 'ok', durationMs, summary: text }, known),
    ];
  }
  const isWords = isNew && message.role === 'assistant' && message.kind === 'answer';
  return isWords ? [{ event: 'text', data: { turn_id: turnId, text: message.text } }] : [];
}

function toolStart(
  turnId: string,
  call: { readonly callId: string; readonly tool: string; readonly arguments: string },
  known: Told,
): readonly ChatEvent[] {
  if (known.started.has(call.callId)) return [];
  known.started.add(call.callId);
  const data = { turn_id: turnId, call_id: call.callId, tool: call.tool, arguments: call.arguments };
  return [{ event: 'tool_start', data }];
}

function toolProgress(
  turnId: string,
  { callId, tool, text }: Extract<LiveEvent, { type: 'tool_progress' }>,
): ChatEvent {
  return { event: 'tool_progress', data: { turn_id: turnId, call_id: callId, tool, text } };
}

function toolEnd(
  turnId: string,
  call: Omit<Extract<LiveEvent, { type: 'tool_end' }>, 'type'>,
  known: Told,
): readonly ChatEvent[] {
  if (known.ended.has(call.callId)) return [];
  known.ended.add(call.callId);
  const { callId, tool, ok, durationMs, summary } = call;
  return [
    {
      event: 'tool_end',
      data: { turn_id: turnId, call_id: callId, tool, ok, duration_ms: durationMs, summary },
    },
  ];
}
