import type { PlanStep } from '../../../src/chat/live.ts';
import type { ChatEvent } from '../events.ts';
import { planIn } from './plan.ts';

/** A part of the answer of a turn that runs, in the order in which it came. */
export type LivePart =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'tool';
      readonly callId: string;
      readonly tool: string;
      readonly arguments: string;
      readonly status: 'running' | 'ok' | 'error';
      readonly text: string;
      readonly durationMs?: number;
    };

/** What the stream has told of a turn. */
export interface LiveTurn {
  readonly turnId: string;
  readonly status: Extract<ChatEvent, { event: 'turn' }>['data']['status'];
  readonly parts: readonly LivePart[];
  /** The steps that it has set itself. */
  readonly plan?: readonly PlanStep[];
  /** What it is busy with, until something is shown. */
  readonly doing?: string;
}

/** The turn after one more event. Events of another turn begin a new one. */
export function afterEvent(live: LiveTurn | undefined, event: ChatEvent): LiveTurn | undefined {
  if (event.event === 'error' || event.event === 'approval' || event.event === 'restated') return live;
  const turnId = event.data.turn_id;
  const { doing: _past, ...known } =
    live?.turnId === turnId ? live : ({ turnId, status: 'running', parts: [] } satisfies LiveTurn);
  const turn: LiveTurn = known;
  switch (event.event) {
    case 'turn':
    case 'final':
      return { ...turn, status: event.data.status };
    case 'status':
      return { ...turn, doing: event.data.text };
    case 'plan':
      return { ...turn, plan: event.data.steps };
    case 'text':
      return { ...turn, parts: withText(turn.parts, event.data.text) };
    case 'restart':
      return { ...turn, parts: turn.parts.filter(({ kind }) => kind !== 'text') };
    case 'tool_start': {
      const plan = planIn(event.data);
      if (plan) return { ...turn, plan };
      return { ...turn, parts: [...turn.parts, startedTool(event.data)] };
    }
    case 'tool_progress':
      return { ...turn, parts: turn.parts.map((part) => progressedTool(part, event.data)) };
    case 'tool_end':
      return { ...turn, parts: turn.parts.map((part) => endedTool(part, event.data)) };
    default:
      return event satisfies never;
  }
}

function withText(parts: readonly LivePart[], text: string): readonly LivePart[] {
  const last = parts.at(-1);
  if (last?.kind !== 'text') return [...parts, { kind: 'text', text }];
  return [...parts.slice(0, -1), { kind: 'text', text: last.text + text }];
}

function startedTool(data: Extract<ChatEvent, { event: 'tool_start' }>['data']): LivePart {
  return {
    kind: 'tool',
    callId: data.call_id,
    tool: data.tool,
    arguments: data.arguments,
    status: 'running',
    text: '',
  };
}

function progressedTool(
  part: LivePart,
  data: Extract<ChatEvent, { event: 'tool_progress' }>['data'],
): LivePart {
  if (part.kind !== 'tool' || part.callId !== data.call_id) return part;
  return { ...part, text: data.text };
}

function endedTool(part: LivePart, data: Extract<ChatEvent, { event: 'tool_end' }>['data']): LivePart {
  if (part.kind !== 'tool' || part.callId !== data.call_id) return part;
  return { ...part, status: data.ok ? 'ok' : 'error', text: data.summary, durationMs: data.duration_ms };
}
