import type { PlanStep } from '../../../src/chat/live.ts';
import type { Message } from './api.ts';
import type { LivePart, LiveTurn } from './live.ts';
import { planIn } from './plan.ts';

type LiveTool = Extract<LivePart, { kind: 'tool' }>;

/**
 * A tool call; `waiting` until people approve it, `unfinished` when its turn is over and nothing tells
 * how the call ended.
 */
export type ToolPart = Omit<LiveTool, 'status'> & {
  readonly status: LiveTool['status'] | 'waiting' | 'unfinished';
  /** The whole result can be read by this id. */
  readonly kept?: { readonly id: string; readonly characters: number };
  /** What a person wrote in place of the arguments. */
  readonly edited?: { readonly arguments: string; readonly by: string };
};

/** What a conversation shows, top to bottom. */
export type Entry =
  | {
      readonly kind: 'user';
      readonly key: string;
      readonly text: string;
      readonly name: string;
      readonly files: readonly { readonly id: string; readonly name: string; readonly mediaType: string }[];
    }
  | {
      readonly kind: 'assistant';
      readonly key: string;
      readonly message: Extract<Message, { role: 'assistant' }>;
    }
  | { readonly kind: 'tool'; readonly key: string; readonly tool: ToolPart }
  | {
      readonly kind: 'plan';
      readonly key: string;
      readonly steps: readonly PlanStep[];
      /** Its turn is over. */
      readonly isOver: boolean;
    }
  | { readonly kind: 'streaming'; readonly key: string; readonly text: string };

export interface TimelineInput {
  readonly messages: readonly Message[];
  readonly live: LiveTurn | undefined;
  /** The turn that runs now. */
  readonly activeTurnId: string | undefined;
}

/**
 * Stored messages, then what the stream has told beyond them. The two overlap after a reload: a tool
 * call is known by its id, and words that are stored already by being the same.
 */
export function timeline({ messages, live, activeTurnId }: TimelineInput): readonly Entry[] {
  const parts = live?.parts ?? [];
  const liveTools = new Map(
    parts.flatMap((part) => (part.kind === 'tool' ? [[part.callId, part] as const] : [])),
  );
  const plans = lastPlans(messages);
  const stored = messages.flatMap((message, index): readonly Entry[] => {
    const told = message.role === 'tool' ? liveTools.get(message.call_id) : undefined;
    const isOver = message.turn_id !== activeTurnId;
    const steps = message.role === 'tool' ? planIn(message) : undefined;
    if (steps === undefined) return [storedEntry(message, index, told ?? (isOver ? 'over' : undefined))];
    const isLast = plans.get(message.turn_id) === index && (isOver || live?.plan === undefined);
    return isLast ? [{ kind: 'plan', key: `${message.turn_id}/plan`, steps, isOver }] : [];
  });
  return [...stored, ...unstored(messages, live), ...livePlan(live, activeTurnId)];
}

/** Where each turn wrote its plan last. */
function lastPlans(messages: readonly Message[]): ReadonlyMap<string, number> {
  const writes = messages.flatMap((message, index) =>
    message.role === 'tool' && planIn(message) ? [[message.turn_id, index] as const] : [],
  );
  return new Map(writes);
}

/** While a turn runs, its plan stands at the end, and changes there. */
function livePlan(live: LiveTurn | undefined, activeTurnId: string | undefined): readonly Entry[] {
  if (live?.plan === undefined || live.turnId !== activeTurnId) return [];
  return [{ kind: 'plan', key: `${live.turnId}/plan`, steps: live.plan, isOver: false }];
}

function storedEntry(message: Message, index: number, beyond: LiveTool | 'over' | undefined): Entry {
  const key = `${message.turn_id}/${index}`;
  switch (message.role) {
    case 'user':
      return { kind: 'user', key, text: message.text, name: message.name, files: filesOf(message, key) };
    case 'assistant':
      return { kind: 'assistant', key, message };
    case 'tool':
      return { kind: 'tool', key: message.call_id, tool: currentTool(message, beyond) };
    default:
      return message satisfies never;
  }
}

function filesOf({ files = [] }: Extract<Message, { role: 'user' }>, key: string) {
  return files.map(({ name, media_type }, at) => ({ id: `${key}/${at}`, name, mediaType: media_type }));
}

function currentTool(
  message: Extract<Message, { role: 'tool' }>,
  beyond: LiveTool | 'over' | undefined,
): ToolPart {
  const stored = storedTool(message);
  if (message.status === 'ok' || message.status === 'error' || beyond === undefined) return stored;
  if (beyond !== 'over') return beyond;
  return message.status === 'waiting' ? stored : { ...stored, status: 'unfinished' };
}

function storedTool(message: Extract<Message, { role: 'tool' }>): ToolPart {
  const { call_id, tool, status, text, duration_ms, edited_arguments: edited, edited_by: by = '' } = message;
  return {
    kind: 'tool',
    callId: call_id,
    tool,
    arguments: message.arguments,
    status,
    text,
    ...(message.kept && { kept: message.kept }),
    ...(edited !== undefined && { edited: { arguments: edited, by } }),
    ...(duration_ms !== undefined && { durationMs: duration_ms }),
  };
}

function unstored(messages: readonly Message[], live: LiveTurn | undefined): readonly Entry[] {
  if (!live) return [];
  const ofTurn = messages.filter((message) => message.turn_id === live.turnId);
  const calls = new Set(ofTurn.flatMap((message) => (message.role === 'tool' ? [message.call_id] : [])));
  const words = ofTurn.flatMap((message) => (message.role === 'assistant' ? [message.text.trim()] : []));
  return live.parts.flatMap((part, index): readonly Entry[] => {
    if (part.kind === 'tool')
      return calls.has(part.callId) ? [] : [{ kind: 'tool', key: part.callId, tool: part }];
    const storedAt = words.indexOf(part.text.trim());
    if (storedAt >= 0) words.splice(storedAt, 1);
    return storedAt >= 0 ? [] : [{ kind: 'streaming', key: `${live.turnId}/live/${index}`, text: part.text }];
  });
}
