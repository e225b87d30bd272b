import { exchange } from '../../src/agent/budget.ts';
import { type Dispatch, dispatchWith } from '../../src/agent/dispatch.ts';
import type { JsonObject } from '../../src/agent/json.ts';
import { type AgentRun, type Ending, type Question, runAgent } from '../../src/agent/loop.ts';
import type { Message, ToolCall } from '../../src/agent/messages.ts';
import {
  type Activation,
  type ModelNext,
  TurnEndError,
  type TurnResult,
} from '../../src/agent/middleware.ts';
import { type ModelEvent, type ModelRequest, ProviderError } from '../../src/agent/provider.ts';
import type { Step } from '../../src/agent/steps.ts';
import type { Lost } from '../../src/agent/think.ts';
import type { Tool } from '../../src/agent/tool.ts';
import { routed } from '../../src/bot/turn-side.ts';
import { createTurnState } from '../../src/bot/turn-state.ts';
import { defaultChain } from '../../src/middleware/chain.ts';
import { compose } from '../../src/middleware/compose.ts';
import { createLayers, type MiddlewareOptions, middlewareSet } from '../../src/middleware/index.ts';
import type { Ledger, SpendingOf, Trace, TurnSide } from '../../src/middleware/port.ts';
import type { Clock, Metrics } from '../../src/observe/port.ts';
import type { MiddlewareRow } from '../../src/resources/port.ts';
import { agentRun, call, memoryJournal, reply, tool } from '../agent/stage.ts';
import { silentLog } from '../fakes/log.ts';

/**
 * A process with middleware, the real agent loop and scripted models. Each `turn` is an activation of its
 * own, with layers that are made for it, as the bot does.
 */
export interface Rig {
  turn(options?: TurnOptions): Promise<TurnSeen>;
  readonly clock: FrozenClock;
  /** What layers did, as the metrics count it: `type what`. */
  readonly acted: readonly string[];
}

export interface RigOptions extends Partial<Omit<MiddlewareOptions, 'clock'>> {
  readonly rows: readonly Row[];
  /** By name; `main` is the turn's own. */
  readonly models: Readonly<Record<string, ModelNext>>;
  readonly tools?: readonly Tool[];
  readonly clock?: FrozenClock;
  /** Tokens that the model can read. */
  readonly window?: number;
  /** Tools that people must approve. */
  readonly asks?: readonly string[];
  /** What earlier turns of a thread have called. */
  readonly counts?: Awaited<ReturnType<Ledger['counts']>>;
  readonly revision?: () => string;
  readonly spent?: (of: SpendingOf) => { readonly tokens: number; readonly usd: number };
}

/** Time that stands still until a test moves it. */
export interface FrozenClock extends Clock {
  move(ms: number): void;
}

export function frozenClock(): FrozenClock {
  let now = Date.UTC(2026, 10, 15, 12);
  return {
    now: () => now,
    move(ms) {
      now += ms;
    },
  };
}

/** Only the layers under test run, unless the default ones are asked for. */
export interface Row {
  readonly type: string;
  readonly config?: object;
  readonly priority?: number;
  readonly isCritical?: boolean;
}

export interface TurnOptions {
  readonly question?: string;
  readonly asker?: string;
  readonly threadId?: string;
  readonly channel?: string;
  readonly turnId?: string;
  readonly activation?: Activation;
  readonly steps?: readonly Step[];
  readonly state?: JsonObject;
  readonly approved?: readonly string[];
  readonly denied?: readonly string[];
  /** What people wrote in place of results, by call. */
  readonly responded?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** What was said in the thread before. */
  readonly history?: readonly Message[];
  /** What the asker says while it runs. */
  readonly said?: readonly string[];
  /** PDFs that come with the question, by name: what they say. */
  readonly pdfs?: Readonly<Record<string, string>>;
}

/** What became of an activation, as people and the store see it. */
export interface TurnSeen {
  readonly status: TurnResult['status'];
  /** The answer, the failure's sentence, or the kind of a model's failure. */
  readonly text: string;
  readonly code: string;
  /** Pieces as they were shown, since the last restart. */
  readonly shown: readonly string[];
  readonly restarts: readonly string[];
  readonly statuses: readonly string[];
  /** What people saw of running tools: how far they are, and how their results begin. */
  readonly told: readonly string[];
  /** The steps of the turn's plan, each time that they were shown. */
  readonly plans: readonly (readonly string[])[];
  readonly notices: readonly string[];
  readonly steps: readonly Step[];
  readonly lost: readonly Lost[];
  readonly state: JsonObject;
  readonly trace: Trace | undefined;
  /** What it waits for. */
  readonly questions: readonly Question[];
}

export async function openRig(options: RigOptions): Promise<Rig> {
  const { clock = frozenClock() } = options;
  const acted: string[] = [];
  const metrics = countingMetrics(acted);
  const layersOf = createLayers({
    set: await middlewareSet(undefined, silentLog),
    log: silentLog,
    metrics,
    ledger: {
      counts: async () => options.counts ?? { modelCalls: 0, toolCalls: {} },
      spent: async (of) => options.spent?.(of) ?? { tokens: 0, usd: 0 },
      revision: async () => options.revision?.() ?? '',
      trace: async () => undefined,
    },
    fileText: async ({ data }) => ({ text: Buffer.from(data, 'base64').toString(), isWhole: true }),
    ...options,
    clock,
  });
  const rows = options.rows.map(rowOf);
  return { turn: (given = {}) => activate(options, layersOf, { rows, given }), clock, acted };
}

function rowOf({ type, config = {}, priority = 50, isCritical = false }: Row): MiddlewareRow {
  return { type, config: { ...config }, priority, isActive: true, isCritical };
}

/** Every type of the default chain that a test does not speak of is switched off. */
function alone(rows: readonly MiddlewareRow[]): readonly MiddlewareRow[] {
  const off = defaultChain.filter(({ type }) => rows.every((row) => row.type !== type));
  return [...rows, ...off.map((row) => ({ ...row, isActive: false }))];
}

async function activate(
  options: RigOptions,
  layersOf: ReturnType<typeof createLayers>,
  { rows, given }: { readonly rows: readonly MiddlewareRow[]; readonly given: TurnOptions },
): Promise<TurnSeen> {
  const { models, tools = [], asks = [] } = options;
  const {
    question = 'How are things?',
    asker = 'slack:T1:U1',
    threadId = 'slack:T1:C1:1',
    approved = [],
    denied = [],
  } = given;
  const { activation = 'start', turnId = 'turn', signal = new AbortController().signal } = given;
  const seen = {
    shown: [] as string[],
    restarts: [] as string[],
    statuses: [] as string[],
    told: [] as string[],
    plans: [] as (readonly string[])[],
  };
  const lost: Lost[] = [];
  const pdfs = Object.entries(given.pdfs ?? {}).map(
    ([name, text]) => ({ id: name, name, mediaType: 'application/pdf', bytes: text.length }) as const,
  );
  const journal = memoryJournal(
    given.steps,
    (given.said ?? []).map((text) => ({ role: 'user', text })),
  );
  const state = createTurnState(given.state);
  const named = async (name: string) => {
    const model = models[name];
    if (model === undefined) throw new ProviderError('not_found', `There is no model ${name}.`);
    return model;
  };
  const side: TurnSide = {
    facts: {
      ...{ turnId, threadId, asker, activation, question },
      model: 'main',
      visibility: asker,
      isShared: false,
      ...(given.channel === undefined ? {} : { channel: given.channel }),
    },
    signal,
    steps: () => journal.steps,
    stateOf: state.get,
    setState: state.set,
    notice: state.notice,
    status: (text) => void seen.statuses.push(text),
    plan: (steps) => void seen.plans.push(steps.map(({ text, status }) => `${status} ${text}`)),
    named,
    window: async () => options.window ?? 64_000,
    own: () => named('main'),
    charge: (one) => void lost.push(one),
  };
  const asked = new Set<string>();
  let ending: Ending | undefined;
  let words:
    | { readonly status: TurnResult['status']; readonly text: string; readonly code: string }
    | undefined;
  let trace: (() => Trace | undefined) | undefined;
  try {
    const layered = await layersOf(alone(rows), side);
    trace = layered.trace;
    const onions = compose(layered.layers);
    const all = [...onions.tools, ...tools];
    const dispatch: Dispatch = {
      clear: ({ tool: { name, approval }, call: { id } }) => {
        const words = given.responded?.[id];
        if (words !== undefined) return { type: 'respond', text: words };
        if (denied.includes(id)) return { type: 'refuse', text: 'Not run: it was denied.' };
        const mustAsk = asks.includes(name) || approval === 'ask';
        return mustAsk && !approved.includes(id) ? { type: 'ask', reason: '' } : { type: 'run' };
      },
      asked: () => ({ context: { asker, answers: [] } }),
      begin: (input) =>
        journal.append({
          type: 'begun',
          callId: input.call.id,
          digest: JSON.stringify(input.call.arguments),
        }),
      needed: async () => undefined,
      toolStart: ({ id }) => void asked.add(id),
      toolProgress: (_call, text) => void seen.told.push(text),
    };
    const run: AgentRun = agentRun({
      question: { role: 'user', text: question, ...(pdfs.length === 0 ? {} : { files: pdfs }) },
      loadFiles: async (ids) =>
        new Map(ids.map((id) => [id, Buffer.from(given.pdfs?.[id] ?? '').toString('base64')])),
      ended: ({ text }) => void seen.told.push(text),
      timed: layered.timed,
      ...(given.history === undefined ? {} : { history: [exchange(given.history)] }),
      model: onions.model(routed(side, await named('main'))),
      modelName: 'main',
      tools: all,
      specs: all.map(({ name, description, inputSchema }) => ({ name, description, inputSchema })),
      tool: onions.tool(dispatchWith(dispatch)),
      approved: (id) => approved.includes(id),
      journal,
      listener: {
        text: (text) => void seen.shown.push(text),
        reasoning: () => undefined,
        restart: (reason) => {
          seen.shown.length = 0;
          seen.restarts.push(reason);
        },
      },
      lost: (one) => void lost.push(one),
      turnId,
      signal,
      maxSteps: 60,
      maxRepeats: 50,
    });
    const result = await onions.turn(async () => {
      ending = await runAgent(run);
      if (ending.type === 'answer') journal.steps.push(ending.step);
      return { status: ending.type === 'paused' ? 'paused' : ending.type === 'answer' ? 'done' : 'failed' };
    })({ turnId, threadId, asker, activation, model: 'main' });
    words = result.said ?? { status: result.status, text: '', code: '' };
  } catch (error) {
    if (error instanceof TurnEndError) words = error.words;
    else if (error instanceof ProviderError)
      words = { status: 'failed', text: error.message, code: error.kind };
    else throw error;
  }
  const answer = ending?.type === 'answer' ? ending.step.message.text : '';
  return {
    status: words.status,
    text: words.text === '' ? answer : words.text,
    code: words.code,
    ...seen,
    notices: state.notices(),
    steps: journal.steps,
    lost,
    state: state.take() ?? given.state ?? {},
    trace: trace?.(),
    questions: ending?.type === 'paused' ? ending.questions : [],
  };
}

function countingMetrics(acted: string[]): Metrics {
  const none = () => undefined;
  return {
    received: none,
    turnEnded: none,
    modelStep: none,
    modelFailed: none,
    toolCall: none,
    possiblyRepeated: none,
    undeliverable: none,
    alerts: none,
    middlewareSkipped: (type) => void acted.push(`${type} skipped`),
    middlewareActed: (type, what) => void acted.push(`${type} ${what}`),
  };
}

/** What a model does in one call: says events, fails at once, or fails after it has said something. */
export type Act =
  | readonly ModelEvent[]
  | Error
  | { readonly says: readonly ModelEvent[]; readonly fails: Error };

/** A model that does one thing after another, and then the last one for ever. */
export function acting(...acts: readonly Act[]): ModelNext & { readonly requests: readonly ModelRequest[] } {
  const requests: ModelRequest[] = [];
  const model: ModelNext = async function* (request) {
    const act = acts[Math.min(requests.length, acts.length - 1)] ?? [];
    requests.push(request);
    if (act instanceof Error) throw act;
    if ('says' in act) {
      yield* act.says;
      throw act.fails;
    }
    yield* act;
  };
  return Object.assign(model, { requests });
}

export function answers(
  text: string,
  used?: { readonly input: number; readonly output: number; readonly usd?: number },
) {
  const usage = {
    cacheRead: 0,
    cacheWrite: 0,
    reasoning: 0,
    input: used?.input ?? 0,
    output: used?.output ?? 0,
  };
  const cost = used?.usd === undefined ? {} : { cost: { usd: used.usd, isWhole: true } };
  const counted = used === undefined ? [] : [{ type: 'usage', usage, ...cost } as const];
  return [
    { type: 'text', text },
    ...counted,
    { type: 'stop', reason: 'end' },
  ] as const satisfies readonly ModelEvent[];
}

export function calls(...made: readonly ToolCall[]): readonly ModelEvent[] {
  return reply('', ...made);
}

export const overloaded = new ProviderError('overloaded', 'It is overloaded.');
export { call, tool };
