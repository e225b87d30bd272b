import type { AgentRun, Journal } from '../../src/agent/loop.ts';
import type { ToolCall, UserMessage } from '../../src/agent/messages.ts';
import type { ModelNext } from '../../src/agent/middleware.ts';
import { type ModelEvent, type ModelRequest, noUsage } from '../../src/agent/provider.ts';
import type { ModelStep, ResultStep, Step } from '../../src/agent/steps.ts';
import type { Effect, Image, Tool, ToolOutcome } from '../../src/agent/tool.ts';

/** Small real parts to run the agent loop with: a scripted model, tools, and a journal in memory. */

export function call(id: string, name = 'look', args: ToolCall['arguments'] = {}): ToolCall {
  return { id, name, arguments: args };
}

export function modelStep(text: string, ...calls: readonly ToolCall[]): ModelStep {
  const stop = calls.length > 0 ? 'tool_calls' : 'end';
  const message = { role: 'assistant', text, calls } as const;
  return { type: 'model', message, stop, usage: noUsage, model: 'test', durationMs: 1 };
}

export function resultStep(callId: string, text = `result of ${callId}`, ran = true): ResultStep {
  const message = { role: 'tool', callId, name: 'look', text, isError: !ran } as const;
  return { type: 'result', message, durationMs: 1, ran };
}

export function said(text: string): Step {
  return { type: 'said', message: { role: 'user', text } };
}

/** What a model says in one call: words, then calls. */
export function reply(text: string, ...calls: readonly ToolCall[]): readonly ModelEvent[] {
  return [
    ...(text === '' ? [] : [{ type: 'text', text } as const]),
    ...calls.map((item) => ({ type: 'tool_call', call: item }) as const),
    { type: 'stop', reason: calls.length > 0 ? 'tool_calls' : 'end' },
  ];
}

export interface ScriptedModel {
  readonly next: ModelNext;
  /** What it was asked, oldest first. */
  readonly requests: readonly ModelRequest[];
}

/** Says one reply after another; an error is thrown in its turn. */
export function scriptedModel(...replies: readonly (readonly ModelEvent[] | Error)[]): ScriptedModel {
  const requests: ModelRequest[] = [];
  const next: ModelNext = async function* (request) {
    const words = replies[requests.length];
    requests.push(request);
    if (words === undefined) throw new Error('the script is used up');
    if (words instanceof Error) throw words;
    yield* words;
  };
  return { next, requests };
}

/** A journal in memory; `said` waits to be picked up by the turn. */
export function memoryJournal(
  steps: readonly Step[] = [],
  waiting: UserMessage[] = [],
): Journal & { steps: Step[] } {
  const stored = [...steps];
  const images = new Map<string, readonly Image[]>();
  return {
    steps: stored,
    images,
    async append(step, kept) {
      if (step.type === 'result' && kept?.images !== undefined) images.set(step.message.callId, kept.images);
      stored.push(step);
    },
    async steer() {
      const heard = waiting.splice(0);
      stored.push(...heard.map((message) => ({ type: 'said', message }) as const));
      return heard;
    },
  };
}

export function tool(
  name: string,
  run: Tool['run'] = async () => ({ text: `${name} ran`, isError: false }),
  effect: Effect = 'read',
): Tool {
  const inputSchema = { type: 'object', properties: {} };
  return { name, description: '', inputSchema, source: 'test', sourceName: name, effect, run };
}

/** A tool's result. */
export function ok(text: string): ToolOutcome {
  return { text, isError: false };
}

export const deaf = { text: () => undefined, reasoning: () => undefined, restart: () => undefined };

/** A run that needs only what a test is about. */
export function agentRun(
  parts: Pick<AgentRun, 'model'> & Partial<Omit<AgentRun, 'tools'>> & { readonly tools?: readonly Tool[] },
): AgentRun {
  const { tools = [], ...rest } = parts;
  return {
    system: 'Be brief.',
    question: { role: 'user', text: 'How are things?' },
    history: [],
    tools: new Map(tools.map((item) => [item.name, item])),
    specs: [],
    modelName: 'test',
    room: 10_000,
    tool: async (input, signal) => ({
      type: 'result',
      ran: true,
      outcome: await input.tool.run(input.call.arguments, signal),
    }),
    approved: () => false,
    journal: memoryJournal(),
    listener: deaf,
    turnId: 'turn',
    maxSteps: 10,
    maxRepeats: 3,
    keepResult: ({ text }) => ({ text }),
    signal: new AbortController().signal,
    ...rest,
  };
}
