import { type Charge, withUsage } from './cost.ts';
import { storableObject } from './json.ts';
import type { AssistantMessage, Opaque, ToolCall } from './messages.ts';
import type { ModelNext } from './middleware.ts';
import {
  addUsage,
  type ModelEvent,
  type ModelRequest,
  noUsage,
  ProviderError,
  type StopReason,
} from './provider.ts';
import type { ModelStep } from './steps.ts';

/** What people may see while the model speaks. */
export interface Listener {
  text(text: string): void;
  reasoning(text: string): void;
  restart(reason: string): void;
}

export interface ThinkContext {
  /** The model's name as configured. */
  readonly modelName: string;
  /** Ids of the turn's earlier calls; a vendor that uses one again gets another. */
  readonly takenIds: ReadonlySet<string>;
  readonly listener: Listener;
  /** Hears what a call that failed for good had used. */
  readonly lost?: ((lost: Lost) => void) | undefined;
  readonly signal: AbortSignal;
}

/** What a model call used that did not become a step. */
export interface Lost {
  readonly charges: readonly Charge[];
  readonly durationMs: number;
}

/** Calls the model once and gathers what it says into a step. */
export async function think(
  model: ModelNext,
  request: ModelRequest,
  context: ThinkContext,
): Promise<ModelStep> {
  const startedAt = performance.now();
  const durationMs = () => Math.round(performance.now() - startedAt);
  const draft = newDraft();
  try {
    for await (const event of model(request, context.signal)) take(draft, event, context);
    if (draft.stop === undefined) {
      throw new ProviderError('protocol', 'The model stream ended without saying why it stopped.');
    }
  } catch (error) {
    if (draft.charges.length > 0) context.lost?.({ charges: draft.charges, durationMs: durationMs() });
    throw error;
  }
  return {
    type: 'model',
    message: toMessage(draft, context.takenIds),
    stop: draft.stop,
    usage: draft.usage,
    model: draft.charges.at(-1)?.model || context.modelName,
    ...(draft.charges.length === 0 ? {} : { charges: draft.charges }),
    durationMs: durationMs(),
  };
}

interface Draft {
  text: string[];
  calls: ToolCall[];
  opaque: Opaque | undefined;
  usage: typeof noUsage;
  charges: readonly Charge[];
  stop: StopReason | undefined;
}

function newDraft(): Draft {
  return { text: [], calls: [], opaque: undefined, usage: noUsage, charges: [], stop: undefined };
}

function take(draft: Draft, event: ModelEvent, { listener, modelName }: ThinkContext): void {
  switch (event.type) {
    case 'text':
      draft.text.push(event.text);
      return listener.text(event.text);
    case 'reasoning':
      return listener.reasoning(event.text);
    case 'tool_call':
      draft.calls.push(event.call);
      return;
    case 'opaque':
      draft.opaque = event.opaque;
      return;
    case 'usage':
      draft.usage = addUsage(draft.usage, event.usage);
      draft.charges = withUsage(draft.charges, event, modelName);
      return;
    case 'restart':
      Object.assign(draft, { ...newDraft(), usage: draft.usage, charges: draft.charges });
      return listener.restart(event.reason);
    case 'stop':
      draft.stop = event.reason;
      return;
    default:
      event satisfies never;
  }
}

function toMessage(draft: Draft, takenIds: ReadonlySet<string>): AssistantMessage {
  const calls = toCalls(draft.calls, takenIds);
  const message = { role: 'assistant', text: draft.text.join(''), calls } as const;
  const sameIds = calls.every((call, index) => call.id === draft.calls[index]?.id);
  return draft.opaque !== undefined && sameIds ? { ...message, opaque: draft.opaque } : message;
}

/**
 * A vendor that repeats an id would make two calls one: the later call gets an id of its own. The
 * arguments are made storable here, so that what is shown, approved, stored and run is the same.
 */
function toCalls(calls: readonly ToolCall[], takenIds: ReadonlySet<string>): readonly ToolCall[] {
  const seen = new Set(takenIds);
  return calls.map((call) => {
    let id = call.id;
    for (let n = 1; seen.has(id); n += 1) id = `${call.id}-${n}`;
    seen.add(id);
    return { ...call, id, arguments: storableObject(call.arguments) };
  });
}
