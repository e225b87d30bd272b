import { z } from 'zod';
import { TurnEndError } from '../agent/middleware.ts';
import { callsOf, modelSteps, type Step } from '../agent/steps.ts';
import { defineMiddleware, type Layer, type MiddlewareParts } from './definition.ts';
import { count, options, spelled } from './options.ts';
import { ownWords } from './own-words.ts';
import { isMeant } from './tool-again.ts';

const modelLimits = options({
  thread_limit: count.optional().describe('Model calls of the whole conversation.'),
  run_limit: count.default(25).describe('Model calls of one turn.'),
  exit_behavior: z
    .enum(['end', 'error'])
    .default('end')
    .describe('end: the turn ends with a sentence as its answer; error: it fails with it.'),
});

/** Limits the model calls of a turn, and of a conversation. */
export const modelCallLimit = defineMiddleware({
  name: 'ModelCallLimitMiddleware',
  description: 'Limits the model calls of a turn or a thread.',
  priority: 5,
  config: modelLimits,
  build: ({ run_limit, thread_limit, exit_behavior }, { steps, threadCounts, metrics }) => ({
    async *model(request, next, signal) {
      const ofTurn = modelSteps(steps());
      const ofThread = thread_limit === undefined ? 0 : ofTurn + (await threadCounts()).modelCalls;
      const reached = limitReached({ ofTurn, ofThread, run_limit, thread_limit });
      if (reached === undefined) return yield* next(request, signal);
      metrics.middlewareActed('ModelCallLimitMiddleware', 'limited');
      const text = `I stopped here: ${reached}.`;
      if (exit_behavior === 'error')
        throw new TurnEndError({ status: 'failed', code: 'model_call_limit', text });
      yield* ownWords(text);
    },
  }),
});

interface ModelCounts {
  readonly ofTurn: number;
  readonly ofThread: number;
  readonly run_limit: number;
  readonly thread_limit?: number | undefined;
}

function limitReached({ ofTurn, ofThread, run_limit, thread_limit }: ModelCounts): string | undefined {
  if (ofTurn >= run_limit) return `a turn may make ${times(run_limit, 'model call')}`;
  if (thread_limit !== undefined && ofThread >= thread_limit)
    return `a conversation may make ${times(thread_limit, 'model call')}; begin a new thread, or clear this one`;
  return undefined;
}

const perTool = options({ thread_limit: count.optional(), run_limit: count.optional() });

const usualRunLimit = 50;

const threadAlone = z.looseObject({ thread_limit: z.number(), run_limit: z.undefined().optional() });

const limitNames = spelled(['thread_limit', 'run_limit']);

/** A conversation that is limited to fewer calls limits its turns to as many, unless both are written. */
function withRunLimit(value: unknown): unknown {
  const given = limitNames(value);
  const read = threadAlone.safeParse(given);
  return read.success ? { ...read.data, run_limit: Math.min(usualRunLimit, read.data.thread_limit) } : given;
}

const toolLimits = z.preprocess(
  withRunLimit,
  options({
    tool_name: z
      .string()
      .min(1)
      .optional()
      .describe(
        'Only this tool counts, by its name here or at its server; a * stands for any characters. Absent: all together.',
      ),
    thread_limit: count.optional().describe('Calls of the whole conversation that really ran.'),
    run_limit: count.default(usualRunLimit).describe('Calls of one turn, refused ones too.'),
    per_tool: z
      .record(z.string(), perTool)
      .default({})
      .describe('Further limits of single tools, by name: LangChain has one middleware for each.'),
    exit_behavior: z
      .enum(['continue', 'error', 'end'])
      .default('continue')
      .describe(
        'continue: the model is told that it may not call it; error: the turn fails; end: it ends with a sentence, once the calls beside it have run.',
      ),
  }).refine(({ thread_limit: thread, run_limit: run }) => thread === undefined || run <= thread, {
    error: 'run_limit may not be above thread_limit.',
    path: ['run_limit'],
  }),
);

type ToolLimits = z.infer<typeof toolLimits>;

/** One limit: of one tool, or of all together. */
interface Limit {
  readonly tool?: string | undefined;
  readonly run?: number | undefined;
  readonly thread?: number | undefined;
}

/** Limits the tool calls of a turn, and of a conversation. */
export const toolCallLimit = defineMiddleware({
  name: 'ToolCallLimitMiddleware',
  description: 'Limits the tool calls of a turn or a thread.',
  priority: 10,
  config: toolLimits,
  build: limitTools,
});

function limitTools(config: ToolLimits, parts: MiddlewareParts): Layer {
  const { exit_behavior: exit } = config;
  const limits = limitsOf(config);
  /** By the names that models use: what each tool that was called is called at its server. */
  const sourceNames = new Map<string, string>();
  const counts: Counts = {
    ...parts,
    isMeant: (name, tool) =>
      isMeant({ name, sourceName: sourceNames.get(name) ?? name }, tool === undefined ? undefined : [tool]),
  };
  const exceeded = async (callId: string): Promise<string | undefined> => {
    for (const limit of limits) {
      const why = await exceeds(limit, callId, counts);
      if (why !== undefined) return why;
    }
    return undefined;
  };
  return {
    async tool(input, next, signal) {
      sourceNames.set(input.tool.name, input.tool.sourceName);
      const why = await exceeded(input.call.id);
      if (why === undefined) return await next(input, signal);
      parts.metrics.middlewareActed('ToolCallLimitMiddleware', 'limited');
      if (exit === 'error')
        throw new TurnEndError({
          status: 'failed',
          code: 'tool_call_limit',
          text: `I stopped here: ${why}.`,
        });
      const text = `Not run: ${why}. Do not call ${input.tool.name} again; answer with what you have.`;
      return { type: 'result', ran: false, outcome: { text, isError: true } };
    },
    ...(exit === 'end' && {
      async *model(request, next, signal) {
        for (const { id } of callsOf(parts.steps())) {
          const why = await exceeded(id);
          if (why !== undefined) return yield* ownWords(`I stopped here: ${why}.`);
        }
        yield* next(request, signal);
      },
    }),
  };
}

function limitsOf({ tool_name, run_limit, thread_limit, per_tool }: ToolLimits): readonly Limit[] {
  return [
    { tool: tool_name, run: run_limit, thread: thread_limit },
    ...Object.entries(per_tool).map(([tool, { run_limit: run, thread_limit: thread }]) => ({
      tool,
      run,
      thread,
    })),
  ];
}

type Counts = Pick<MiddlewareParts, 'steps' | 'threadCounts'> & {
  /** Whether a limit of this tool concerns a call; one of no tool concerns all. */
  readonly isMeant: (name: string, tool: string | undefined) => boolean;
};

/**
 * Whether this call is one too many. Calls are counted by their place in the stored steps, so that calls at
 * the same time, a resumed turn and one that was taken over all count the same.
 */
async function exceeds(
  { tool, run, thread }: Limit,
  callId: string,
  { steps, threadCounts, isMeant }: Counts,
): Promise<string | undefined> {
  const counted = callsOf(steps()).filter(({ name }) => isMeant(name, tool));
  const at = counted.findIndex(({ id }) => id === callId);
  if (at < 0) return undefined;
  const what = tool === undefined ? 'tool call' : `call of ${tool}`;
  if (run !== undefined && at >= run) return `a turn may make ${times(run, what)}`;
  if (thread === undefined) return undefined;
  const blocked = blockedOf(steps());
  const ranBefore = counted.slice(0, at).filter(({ id }) => !blocked.has(id)).length;
  const { toolCalls } = await threadCounts();
  const earlier = Object.entries(toolCalls)
    .filter(([name]) => isMeant(name, tool))
    .reduce((sum, [, calls]) => sum + calls, 0);
  return earlier + ranBefore >= thread ? `a conversation may make ${times(thread, what)}` : undefined;
}

function blockedOf(steps: readonly Step[]): ReadonlySet<string> {
  return new Set(steps.flatMap((step) => (step.type === 'result' && !step.ran ? [step.message.callId] : [])));
}

function times(n: number, what: string): string {
  if (n === 1) return `one ${what}`;
  return `${n} ${what.replace(/^(tool call|model call|call)/, '$1s')}`;
}
