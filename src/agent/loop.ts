import { type Exchange, estimateTextTokens, estimateTokens, fitHistory, fitTurn } from './budget.ts';
import { runCalls } from './calls.ts';
import { chooseFiles, type LoadFiles, withFiles } from './files.ts';
import { estimateImageTokens, type TurnImages, withImages } from './images.ts';
import type { JsonObject } from './json.ts';
import type { Fitted, KeptResult, WholeResult } from './keep.ts';
import type { Message, UserMessage } from './messages.ts';
import type { AskDecision, ModelNext, ToolNext } from './middleware.ts';
import { ProviderError, type ToolSpec } from './provider.ts';
import { callKey } from './repeats.ts';
import {
  callsOf,
  type ModelStep,
  modelSteps,
  type OpenCall,
  openCalls,
  type Step,
  stepMessages,
} from './steps.ts';
import { type Listener, type Lost, think } from './think.ts';
import { type TimedCall, timedThought } from './timed.ts';
import type { Need, Tool } from './tool.ts';

/** Where the loop keeps what it has done. Each promise resolves when the step is stored. */
export interface Journal {
  /** The steps stored so far, oldest first. */
  readonly steps: readonly Step[];
  /** `kept`: the whole of a result that the step holds head and tail of. */
  append(step: Step, kept?: KeptResult): Promise<void>;
  /** The images of the turn's results. */
  readonly images: TurnImages;
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
  /** What a person wrote in place of a call's arguments. Absent: nobody does. */
  readonly edited?: (callId: string) => EditedCall | undefined;
  readonly journal: Journal;
  /** What people see while the model speaks. */
  readonly listener: Listener;
  /** Hears of each call that ran, with what all layers have left of its result. */
  readonly ended?: (call: EndedCall) => void;
  /** Hears how long each model call and each tool call took, with all layers around it. */
  readonly timed?: (call: TimedCall) => void;
  /** Hears what a model call that failed for good had used. */
  readonly lost?: (lost: Lost) => void;
  readonly turnId: string;
  /** How many model calls a turn may make. */
  readonly maxSteps: number;
  /** How many times the same call may run in one turn. */
  readonly maxRepeats: number;
  /** What the model gets of a result, and what is stored beside it when that is not all. */
  readonly keepResult: (result: WholeResult) => Fitted;
  /** Gives what came with people's messages. Absent: the model is told the names alone. */
  readonly loadFiles?: LoadFiles;
  readonly signal: AbortSignal;
}

/** A call that ran, as people may see it. */
export interface EndedCall {
  readonly id: string;
  readonly name: string;
  readonly ok: boolean;
  readonly durationMs: number;
  readonly text: string;
}

/** What a person made of a call. */
export interface EditedCall {
  readonly arguments: JsonObject;
  /** As people know them. */
  readonly by: string;
  readonly reason?: string;
}

/** A call that must wait for people. */
export interface Question {
  readonly open: OpenCall;
  readonly tool: Tool;
  readonly reason: string;
  /** What the asker alone can give; absent: whether the call may run. */
  readonly need?: Need;
  /** What people may say to it; absent: all that there is. */
  readonly allows?: readonly AskDecision[];
  /** What arguments of people must fit besides the tool's own schema. */
  readonly argsSchemas?: readonly JsonObject[];
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

async function thinkWithin(run: AgentRun, room: number): Promise<ModelStep> {
  const request = {
    system: run.system,
    messages: await conversation(run, room),
    tools: run.specs,
    turnId: run.turnId,
    ...(run.temperature === undefined ? {} : { temperature: run.temperature }),
    ...(run.maxOutputTokens === undefined ? {} : { maxOutputTokens: run.maxOutputTokens }),
  };
  const takenIds = new Set(callsOf(run.journal.steps).map((call) => call.id));
  return await timedThought({ name: run.modelName, told: run.timed }, () =>
    think(run.model, request, {
      modelName: run.modelName,
      takenIds,
      listener: run.listener,
      lost: run.lost,
      signal: run.signal,
    }),
  );
}

/** History first, then this turn. The turn itself is kept whole if it can be, and shortened last. */
async function conversation(run: AgentRun, room: number): Promise<readonly Message[]> {
  const { images, steps } = run.journal;
  const whole = [run.question, ...stepMessages(steps)];
  const before = run.history.flatMap((item) => item.messages);
  const free = room - estimateTextTokens(run.system) - estimateImageTokens(images);
  const files = chooseFiles([...before, ...whole], free);
  const left = free - files.tokens;
  const own = fitTurn(whole, left);
  const history = fitHistory(run.history, left - estimateTokens(own)).flatMap((item) => item.messages);
  const messages = [...history, ...withImages(own, images)];
  return (await withFiles(messages, files, run.loadFiles)).map(withSpeaker);
}

function withSpeaker(message: Message): Message {
  if (message.role !== 'user' || message.name === undefined) return message;
  const { name, ...said } = message;
  return { ...said, text: `${name}: ${message.text}` };
}

/** The tool of a call that was refused as a repetition before and is asked for once more. */
function repeatedAgain(steps: readonly Step[], open: readonly OpenCall[]): string | undefined {
  const refused = new Set<string>();
  const calls = new Map(callsOf(steps).map((call) => [call.id, call]));
  for (const step of steps) {
    if (step.type !== 'result' || step.refusedAsRepeat !== true) continue;
    const call = calls.get(step.message.callId);
    if (call !== undefined) refused.add(callKey(call));
  }
  return open.find((item) => refused.has(callKey(item.call)))?.call.name;
}
