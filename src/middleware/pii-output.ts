import { createHash } from 'node:crypto';
import { toRun } from '../agent/indirect.ts';
import { canonicalJson, storableObject } from '../agent/json.ts';
import type { ToolCall } from '../agent/messages.ts';
import { type ModelNext, TurnEndError } from '../agent/middleware.ts';
import type { ModelEvent } from '../agent/provider.ts';
import type { MiddlewareParts } from './definition.ts';
import {
  blockedIn,
  clean,
  cleanArguments,
  isBlocking,
  searchFor,
  type Watch,
  wordsFor,
} from './pii-words.ts';
import { createScreen } from './screen.ts';

interface Hearing {
  readonly acted: (what: string) => void;
  /** Hears of each call that is not what the model wrote. */
  readonly changed: (call: ToolCall) => void;
}

/** An answer as it comes. What a vendor wants back is its own record of the words: it goes where they change. */
export async function* screened(
  watches: readonly Watch[],
  hear: () => ReturnType<ModelNext>,
  { acted, changed }: Hearing,
): AsyncGenerator<ModelEvent> {
  const open = () => ({
    text: createScreen(searchFor(watches, endTheTurn)),
    reasoning: createScreen(searchFor(watches)),
  });
  const opaque: ModelEvent[] = [];
  let screens = open();
  let isCallChanged = false;
  function* rest(kind: 'text' | 'reasoning'): Generator<ModelEvent> {
    const text = screens[kind].end();
    if (text !== '') yield { type: kind, text };
  }
  function endTheTurn(type: string): never {
    acted('blocked_output');
    const text = `The model answered, but the answer holds ${wordsFor(type)}, so I do not show it. Ask without it.`;
    throw new TurnEndError({ status: 'failed', code: 'output_rejected', text });
  }
  for await (const event of hear()) {
    if (event.type !== 'reasoning') yield* rest('reasoning');
    if (event.type === 'text' || event.type === 'reasoning') {
      const text = screens[event.type].take(event.text);
      if (text !== '') yield { type: event.type, text };
      continue;
    }
    if (event.type === 'tool_call') {
      const call = cleanCall(event.call, watches, endTheTurn);
      if (call !== event.call) changed(call);
      isCallChanged ||= call !== event.call;
      yield { type: 'tool_call', call };
      continue;
    }
    if (event.type === 'opaque') {
      opaque.push(event);
      continue;
    }
    if (event.type === 'restart') {
      screens = open();
      opaque.length = 0;
      isCallChanged = false;
    }
    if (event.type === 'stop') {
      yield* rest('text');
      const isChanged = isCallChanged || screens.text.isChanged() || screens.reasoning.isChanged();
      if (isChanged) acted('changed_output');
      else yield* opaque;
    }
    yield event;
  }
}

/** The same call, or one whose arguments say something else. `blocked` is called where something must not be. */
function cleanCall(call: ToolCall, watches: readonly Watch[], blocked: (type: string) => never): ToolCall {
  const before = canonicalJson(call.arguments);
  const args = cleanArguments(call.arguments, watches);
  const invalid = call.invalid === undefined ? undefined : clean(call.invalid, watches);
  if (canonicalJson(args) === before && invalid === call.invalid) return call;
  const type = blockedIn(before, watches.filter(isBlocking));
  if (type !== undefined) blocked(type);
  return { ...call, arguments: storableObject(args), ...(invalid === undefined ? {} : { invalid }) };
}

const mostMarks = 200;

/** Keeps with the turn which of its calls say something else than the model wrote. */
export function noteChanged({ state }: Pick<MiddlewareParts, 'state'>): (call: ToolCall) => void {
  return (call) => state.set([...marksIn(state.get()), markOf(toRun(call))].slice(-mostMarks));
}

export function wasChanged(call: ToolCall, { state }: Pick<MiddlewareParts, 'state'>): boolean {
  const marks = marksIn(state.get());
  return marks.length > 0 && marks.includes(markOf(call));
}

function marksIn(kept: unknown): readonly string[] {
  return Array.isArray(kept) ? kept.filter((mark) => typeof mark === 'string') : [];
}

/** Ids of calls may still change when a vendor uses one twice. */
function markOf({ name, arguments: args }: ToolCall): string {
  return createHash('sha256')
    .update(canonicalJson([name, args]))
    .digest('base64url')
    .slice(0, 12);
}
