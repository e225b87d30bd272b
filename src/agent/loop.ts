import { type Exchange, estimateTextTokens, estimateTokens, fitHistory, fitTurn } from './budget.ts';
import type { Message, UserMessage } from './messages.ts';
import type { ModelNext, ToolNext } from './middleware.ts';
import { ProviderError, type ToolSpec } from './provider.ts';
import { callKey, countRepeats } from './repeats.ts';
import {
  type ModelStep,
  modelSteps,
  type OpenCall,
  openCalls,
  type ResultStep,
  type Step,
  stepMessages,
} from './steps.ts';
import { type Listener, think } from './think.ts';
import type { Tool, ToolOutcome } from './tool.ts';

/** Where the loop keeps what it has done. Each promise resolves when the step is stored. */
export interface Journal {
  /** The steps stored so far, oldest first. */
  readonly steps: readonly Step[];
  append(step: Step): Promise<void>;
  /** Stores and returns what the asker said since the last look. */
  steer(): Promise<readonly UserMessage[]>;
}

export interface AgentRun {
  readonly system: string;
  /** The question that began the turn. */
  readonly question: UserMessage;
  /** Earlier exchanges of the session, oldest first. */
  readonly history: readonly Exchange[];
  /** By the name the model calls. */
  readonly tools: ReadonlyMap<string, Tool>;
  /** What the model is told of the tools; the same for the whole turn. */
  readonly specs: readonly ToolSpec[];
  readonly model: ModelNext;
  readonly modelName: string;
  readonly temperature?: number;
  readonly maxOutputTokens?: number;
  /** Tokens for system prompt, history and this turn; what tools and answer need is not in it. */
  readonly room: number;
  /** Runs one call: middleware around `dispatchWith`. */
  readonly tool: ToolNext;
  /** People have approved exactly this call. */
  readonly approved: (callId: string) => boolean;
  readonly journal: Journal;
  /** What people see while the model speaks. */
  readonly listener: Listener;
  readonly turnId: string;
  /** How many model calls a turn may make. */
  readonly maxSteps: number;
  /** How many times the same call may run in one turn. */
  readonly maxRepeats: number;
  /** Results longer than this are cut to head and tail for the model. */
  readonly clipResult: (text: string) => string;
  readonly signal: AbortSignal;
}

/** A call that must wait for people. */
export interface Question {
  readonly open: OpenCall;
  readonly tool: Tool;
  readonly reason: string;
}

/** How an activation of the loop ended. The last model step of an answer is not yet stored. */
export type Ending =
  | { readonly type: 'answer'; readonly step: ModelStep }
  | { readonly type: 'paused'; readonly questions: readonly Question[] }
  | { readonly type: 'step_limit'; readonly maxSteps: number }
  | { readonly type: 'loop'; readonly tool: string };

/**
 * Runs a turn until it has an answer, must wait, or must end: the model speaks, its calls run in
 * parallel, their results go back. Begins wherever the journal stands. Knows no platform, no database
 * and no vendor. Throws `ProviderError`, the abort's reason, or what the journal throws.
 */
export async function runAgent(run: AgentRun): Promise<Ending> {
  for (;;) {
    run.signal.throwIfAborted();
    const { steps } = run.journal;
    const open = openCalls(steps);
    const repeated = repeatedAgain(steps, open);
    if (repeated !== undefined) return { type: 'loop', tool: repeated };
    if (open.length > 0) {
      const questions = await runCalls(run, open);
      if (questions.length > 0) return { type: 'paused', questions };
      continue;
    }
    await run.journal.steer();
    if (modelSteps(run.journal.steps) >= run.maxSteps) return { type: 'step_limit', maxSteps: run.maxSteps };
    const step = await ask(run);
    if (step.message.calls.length === 0) return { type: 'answer', step };
    await run.journal.append(step);
  }
}

async function ask(run: AgentRun): Promise<ModelStep> {
  try {
    return await thinkWithin(run, run.room);
  } catch (error) {
    if (!(error instanceof ProviderError) || error.kind !== 'context_overflow') throw error;
    run.listener.restart('The conversation was longer than the model can read; trying with less of it.');
    return await thinkWithin(run, Math.floor(run.room / 2));
  }
}

function thinkWithin(run: AgentRun, room: number): Promise<ModelStep> {
  const request = {
    system: run.system,
    messages: conversation(run, room),
    tools: run.specs,
    turnId: run.turnId,
    ...(run.temperature === undefined ? {} : { temperature: run.temperature }),
    ...(run.maxOutputTokens === undefined ? {} : { maxOutputTokens: run.maxOutputTokens }),
  };
  const takenIds = new Set(
    run.journal.steps.flatMap((step) =>
      step.type === 'model' ? step.message.calls.map((call) => call.id) : [],
    ),
  );
  return think(run.model, request, {
    modelName: run.modelName,
    takenIds,
    listener: run.listener,
    signal: run.signal,
  });
}

/** History first, then this turn. The turn itself is kept whole if it can be, and shortened last. */
function conversation(run: AgentRun, room: number): readonly Message[] {
  const left = room - estimateTextTokens(run.system);
  const own = fitTurn([run.question, ...stepMessages(run.journal.steps)], left);
  const history = fitHistory(run.history, left - estimateTokens(own)).flatMap((item) => item.messages);
  return [...history, ...own].map(withSpeaker);
}

function withSpeaker(message: Message): Message {
  if (message.role !== 'user' || message.name === undefined) return message;
  return { role: 'user', text: `${message.name}: ${message.text}` };
}

async function runCalls(run: AgentRun, open: readonly OpenCall[]): Promise<readonly Question[]> {
  const isOneTooMany = countRepeats(run.journal.steps, run.maxRepeats);
  const outcomes = await settleAll(open.map((item) => runCall(run, item, isOneTooMany(item.call))));
  return outcomes.filter((question) => question !== undefined);
}

/** Waits for every call, so that none runs on unseen, and only then passes on the first failure. */
async function settleAll<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(promises);
  const failed = settled.find((item) => item.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return settled.filter((item) => item.status === 'fulfilled').map((item) => item.value);
}

/** Ends with a stored result, or with the question that must be answered first. */
async function runCall(run: AgentRun, open: OpenCall, oneTooMany: boolean): Promise<Question | undefined> {
  const { call } = open;
  const tool = run.tools.get(call.name);
  if (tool === undefined)
    return void (await refuse(run, open, awayText(run, open) ?? unknownTool(run, call.name)));
  if (call.invalid !== undefined)
    return void (await refuse(run, open, `The arguments were not usable: ${call.invalid}`));
  if (oneTooMany) return void (await refuse(run, open, repeatText(run, call.name), true));
  const input = { call, tool, begun: open.begun, approved: run.approved(call.id) };
  const startedAt = performance.now();
  const answer = await run.tool(input, run.signal);
  if (answer.type === 'ask') return { open, tool, reason: answer.reason };
  const outcome = { ...answer.outcome, text: run.clipResult(answer.outcome.text) };
  const durationMs = Math.round(performance.now() - startedAt);
  await run.journal.append(resultStep(open, outcome, { durationMs, ran: answer.ran }));
  return undefined;
}

function refuse(run: AgentRun, open: OpenCall, text: string, asRepeat = false): Promise<void> {
  const step = resultStep(open, { text, isError: true }, { durationMs: 0, ran: false });
  return run.journal.append(asRepeat ? { ...step, refusedAsRepeat: true } : step);
}

function resultStep(
  { call }: OpenCall,
  outcome: ToolOutcome,
  facts: { readonly durationMs: number; readonly ran: boolean },
): ResultStep {
  const message = {
    role: 'tool',
    callId: call.id,
    name: call.name,
    text: outcome.text,
    isError: outcome.isError,
  } as const;
  return { type: 'result', message, ...facts };
}

/** The tool of a call that was refused as a repetition before and is asked for once more. */
function repeatedAgain(steps: readonly Step[], open: readonly OpenCall[]): string | undefined {
  const refused = new Set<string>();
  const calls = new Map(
    steps.flatMap((step) => (step.type === 'model' ? step.message.calls : [])).map((call) => [call.id, call]),
  );
  for (const step of steps) {
    if (step.type !== 'result' || step.refusedAsRepeat !== true) continue;
    const call = calls.get(step.message.callId);
    if (call !== undefined) refused.add(callKey(call));
  }
  return open.find((item) => refused.has(callKey(item.call)))?.call.name;
}

function repeatText(run: AgentRun, tool: string): string {
  return `Not run: ${tool} was already called ${run.maxRepeats} times in this turn with exactly these arguments. Use the results you have, or try something else.`;
}

/** A call that had begun, or that people approved, is not unknown: its server is away. */
function awayText(run: AgentRun, { call, begun }: OpenCall): string | undefined {
  if (begun.length > 0) {
    return `Cut off: an earlier attempt of ${call.name} may have taken effect, and its server is not connected now. Tell the person to check.`;
  }
  if (run.approved(call.id))
    return `Not run, although it was approved: the server of ${call.name} is not connected now.`;
  return undefined;
}

function unknownTool(run: AgentRun, name: string): string {
  const names = [...run.tools.keys()];
  if (names.length === 0) return `There is no tool ${name}; no tools are available.`;
  const server = name.split('__')[0] ?? '';
  const near = names.filter((known) => known.startsWith(server)).slice(0, 20);
  return `There is no tool ${name}. Available: ${(near.length > 0 ? near : names.slice(0, 20)).join(', ')}.`;
}
