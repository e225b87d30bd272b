import type { JsonObject } from './json.ts';
import type { ToolCall } from './messages.ts';
import type { ModelEvent, ModelRequest } from './provider.ts';
import type { BegunStep } from './steps.ts';
import type { Need, Tool, ToolOutcome } from './tool.ts';

/** One run of a turn in a process. */
export type Activation = 'start' | 'resume' | 'take-over';

export interface TurnInput {
  readonly turnId: string;
  readonly threadId: string;
  readonly asker: string;
  readonly activation: Activation;
  /** The configured model's name; empty when none is needed. */
  readonly model: string;
}

/** How an activation ended. `paused` waits for people and is not an end. */
export interface TurnResult {
  readonly status: 'done' | 'failed' | 'stopped' | 'paused';
  /** What people read, from a layer that ended the turn itself and did not call `next`. */
  readonly said?: LastWords;
}

/** The last words of a turn that a layer ends. `code` is a stable word for programs, needed by failures only. */
export interface LastWords {
  readonly status: 'done' | 'failed';
  readonly text: string;
  readonly code: string;
}

/** A layer ends the turn from within: the turn is settled with these words, and nothing else runs. */
export class TurnEndError extends Error {
  override readonly name = 'TurnEndError';
  readonly words: LastWords;

  constructor(words: LastWords) {
    super(words.text);
    this.words = words;
  }
}

export interface ToolInput {
  readonly call: ToolCall;
  readonly tool: Tool;
  /** Earlier beginnings of this same call that never ended: it may have run. */
  readonly begun: readonly BegunStep[];
  /** People have approved exactly this call. */
  readonly approved: boolean;
  /** A layer further out calls again when this fails: one layer tries again, and no other. */
  readonly isTriedAgain?: boolean;
  /** What the tool says while it runs goes through this before people see it. Absent: it is shown as it is. */
  readonly shownAs?: (text: string) => string;
}

/** A call's result, or a question that people must answer before it may run. */
export type ToolAnswer =
  | {
      readonly type: 'result';
      readonly outcome: ToolOutcome;
      /** False when the tool itself did not run: refused, denied, served from a cache. */
      readonly ran: boolean;
      /** The tool did not run now, but these are its words: what it gave to an earlier call. */
      readonly isCopy?: boolean;
      /** The tool did not run: these are the words of the person who was asked. */
      readonly isPersons?: boolean;
    }
  | Ask;

/** What people may say to a call that waits for them. `edit`: other arguments; `respond`: its result. */
export const askDecisions = ['approve', 'edit', 'deny', 'respond'] as const;
export type AskDecision = (typeof askDecisions)[number];

/** A call that must wait for people. */
export interface Ask {
  readonly type: 'ask';
  /** One sentence beyond the tool's effect; empty where the effect says it all. */
  readonly reason: string;
  /** What the asker alone can give. Absent: whoever may decide is asked whether the call may run. */
  readonly need?: Need;
  /** Absent: all of them. */
  readonly allows?: readonly AskDecision[];
  /** JSON Schemas that arguments of people must fit besides the tool's own. */
  readonly argsSchemas?: readonly JsonObject[];
}

export type TurnNext = (input: TurnInput) => Promise<TurnResult>;
export type ModelNext = (request: ModelRequest, signal: AbortSignal) => AsyncIterable<ModelEvent>;
export type ToolNext = (input: ToolInput, signal: AbortSignal) => Promise<ToolAnswer>;

/**
 * A configured layer around a model's turns, model calls and tool calls. Instances are made fresh for
 * every activation. Lower priority is further out: 1 → 100 on the way in, 100 → 1 on the way out.
 */
export interface Middleware {
  readonly name: string;
  /** 1 to 100. */
  readonly priority: number;
  /** What models can call beside the tools of servers, for as long as the layer is there. */
  readonly tools?: readonly Tool[];
  /** The vendor is to search the tools of servers by itself, so that requests name them all. */
  readonly searched?: SearchedTools;
  turn?(input: TurnInput, next: TurnNext): Promise<TurnResult>;
  model?(request: ModelRequest, next: ModelNext, signal: AbortSignal): AsyncIterable<ModelEvent>;
  tool?(input: ToolInput, next: ToolNext, signal: AbortSignal): Promise<ToolAnswer>;
}

/** Which tools a vendor searches. */
export interface SearchedTools {
  /** By their full names; absent: all tools of servers. */
  readonly names?: readonly string[] | undefined;
}

/** The three onions: each function runs all layers around its core. */
export interface Onions {
  /** What the layers bring, outermost first. */
  readonly tools: readonly Tool[];
  /** Set where a layer wants the vendor to search the tools. */
  readonly searched?: SearchedTools;
  readonly turn: (core: TurnNext) => TurnNext;
  readonly model: (core: ModelNext) => ModelNext;
  readonly tool: (core: ToolNext) => ToolNext;
}
