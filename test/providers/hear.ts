import type { AssistantMessage, Opaque, ToolCall } from '../../src/agent/messages.ts';
import {
  addUsage,
  type ModelEvent,
  type ModelRequest,
  noUsage,
  type Provider,
  ProviderError,
  type StopReason,
  type Usage,
} from '../../src/agent/provider.ts';

/** What a provider said in one call, up to its end or its failure. */
export interface Heard {
  readonly events: readonly ModelEvent[];
  readonly text: string;
  readonly reasoning: string;
  readonly calls: readonly ToolCall[];
  readonly opaque: Opaque | undefined;
  readonly usage: Usage;
  readonly stops: readonly StopReason[];
  readonly restarts: number;
  readonly error: ProviderError | undefined;
}

/** Listens to one call. Anything thrown that is no `ProviderError` fails the test. */
export async function hear(
  provider: Provider,
  request: ModelRequest,
  options: { readonly signal?: AbortSignal; readonly on?: (event: ModelEvent) => void } = {},
): Promise<Heard> {
  const events: ModelEvent[] = [];
  try {
    for await (const event of provider(request, options.signal ?? new AbortController().signal)) {
      events.push(event);
      options.on?.(event);
    }
    return summary(events, undefined);
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return summary(events, error);
  }
}

function summary(events: readonly ModelEvent[], error: ProviderError | undefined): Heard {
  const last = events.slice(events.findLastIndex((event) => event.type === 'restart') + 1);
  return {
    events,
    error,
    text: last.map((event) => (event.type === 'text' ? event.text : '')).join(''),
    reasoning: last.map((event) => (event.type === 'reasoning' ? event.text : '')).join(''),
    calls: last.flatMap((event) => (event.type === 'tool_call' ? [event.call] : [])),
    opaque: last.flatMap((event) => (event.type === 'opaque' ? [event.opaque] : []))[0],
    usage: last.flatMap((event) => (event.type === 'usage' ? [event.usage] : [])).reduce(addUsage, noUsage),
    stops: events.flatMap((event) => (event.type === 'stop' ? [event.reason] : [])),
    restarts: events.filter((event) => event.type === 'restart').length,
  };
}

/** The message that the agent would keep of what it heard. */
export function messageOf({ text, calls, opaque }: Heard): AssistantMessage {
  return { role: 'assistant', text, calls, ...(opaque === undefined ? {} : { opaque }) };
}

/** A request with one question. */
export function ask(text: string, more: Partial<ModelRequest> = {}): ModelRequest {
  return {
    system: 'You help the people on call.',
    messages: [{ role: 'user', text }],
    tools: [],
    turnId: 'turn-1',
    ...more,
  };
}
