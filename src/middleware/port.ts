import type { ShownFile } from '../agent/files.ts';
import type { Json } from '../agent/json.ts';
import type { Activation, Middleware, ModelNext } from '../agent/middleware.ts';
import type { Step } from '../agent/steps.ts';
import type { Lost } from '../agent/think.ts';
import type { TimedCall } from '../agent/timed.ts';

/** Which turn a layer lies around, and for whom. */
export interface TurnFacts {
  readonly turnId: string;
  readonly threadId: string;
  /** The principal who asked. */
  readonly asker: string;
  /** What the ids of all threads of the turn's channel begin with. Absent: the platform has no channels. */
  readonly channel?: string;
  /** The configured model's name; empty where none is configured. */
  readonly model: string;
  readonly activation: Activation;
  /** What the asker wrote. */
  readonly question: string;
  /** The same for those, and only those, who may be given the same answer to the same request. */
  readonly visibility: string;
  /** Several people write in the thread. */
  readonly isShared: boolean;
}

/** One step of what a turn has set itself. */
export interface PlanStep {
  readonly text: string;
  readonly status: 'pending' | 'in_progress' | 'completed';
}

/** What the layers of one activation may do with their turn. */
export interface TurnSide {
  readonly facts: TurnFacts;
  /** The model has no layers but those that are configured. Absent: the default ones too. */
  readonly hasOwnLayersOnly?: boolean;
  /** Aborted when somebody stops the turn, or when this process may not go on with it. */
  readonly signal: AbortSignal;
  /** What the turn has done so far, those of earlier activations included. */
  steps(): readonly Step[];
  /** What a layer has stored with the turn; undefined: nothing. */
  stateOf(layer: string): Json | undefined;
  /** Stored with the turn's next step, or at its end. */
  setState(layer: string, value: Json): void;
  /** A sentence that people read under the turn's reply; said once, however often. */
  notice(text: string): void;
  /** What the turn is busy with, for those who watch it run. */
  status(text: string): void;
  /** The steps that the turn has set itself, for those who watch it run. */
  plan(steps: readonly PlanStep[]): void;
  /** Another configured model by its name, with its own settings. Throws `ProviderError`. */
  named(model: string): Promise<ModelNext>;
  /** Tokens that the turn's own model can read. Throws `ProviderError`. */
  window(): Promise<number>;
  /** The turn's own model. Throws `ProviderError`. */
  own(): Promise<ModelNext>;
  /** Charges the turn for a model call that is none of its steps. */
  charge(lost: Lost): void;
}

/** The layers of one activation, outermost first, and what is kept of how they ran. */
export interface Layered {
  readonly layers: readonly Middleware[];
  /** Of this activation, as far as it has come. Undefined: no layer ran. */
  trace(): Trace | undefined;
  /** Writes down how long a call took. */
  timed(call: TimedCall): void;
}

/** How the layers of one activation ran: stored with the turn, as short as it can be. */
export interface Trace {
  /** Type and priority, outermost first. */
  readonly layers: readonly (readonly [type: string, priority: number])[];
  /** Types that were left out, and why. */
  readonly skipped?: readonly (readonly [type: string, why: string])[];
  /**
   * In the order in which layers were entered. `onion`: 0 turn, 1 model, 2 tool. All in milliseconds: when
   * the layer was entered, since the activation began; what it did before it went on inwards (or in all,
   * where it never did); what it did on the way out, around a model after the last event from inside. -1: not
   * known, as the way out of a turn is not, which is stored before. `calls`: how often it went on inwards;
   * 0: it answered itself.
   */
  readonly spans: readonly (readonly [
    layer: number,
    onion: 0 | 1 | 2,
    atMs: number,
    inMs: number,
    outMs: number,
    calls: number,
  ])[];
  /** Spans beyond those that are kept. */
  readonly more?: number;
  /** The spans whose layer ended with an error. */
  readonly failed?: readonly number[];
  /** When the activation began, in milliseconds since 1970, and how long it took; absent in older traces. */
  readonly beganAt?: number;
  readonly ms?: number;
  /**
   * The calls that the layers lay around, and those of models that a layer asked aside, which is named then; in
   * the order in which they ended. Tokens: of models alone.
   */
  readonly calls?: readonly (readonly [
    onion: 1 | 2,
    name: string,
    atMs: number,
    ms: number,
    error: string,
    inputTokens: number,
    outputTokens: number,
    by?: string,
  ])[];
}

/** Small values that all replicas share: rates, circuits, cached answers. What it loses costs nothing but work. */
export interface SharedStore {
  /** Undefined: there is none, or its time is over. */
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string, ttlMs: number): Promise<void>;
  /** Stores `after` only where `before` is what is there (undefined: nothing is). False: it was something else. */
  swap(
    key: string,
    values: { readonly before: string | undefined; readonly after: string },
    ttlMs: number,
  ): Promise<boolean>;
}

/** Whose model calls: all of what is said must hold. */
export interface SpendingOf {
  readonly principal?: string;
  /** What the ids of its threads begin with. */
  readonly channel?: string;
  readonly model?: string;
  readonly since: Date;
}

/** What has been used in all. */
export interface Spending {
  readonly tokens: number;
  /** US dollars, as far as it is known. */
  readonly usd: number;
}

/** Reads the text of a PDF. `isWhole`: nothing of it is missing. Never rejects but when aborted. */
export type FileText = (
  file: Pick<ShownFile, 'id' | 'data'>,
  signal: AbortSignal,
) => Promise<{ readonly text: string; readonly isWhole: boolean }>;

/** How often a thread's earlier turns have called. */
export interface ThreadCounts {
  readonly modelCalls: number;
  /** Calls that really ran, by the tool's name. */
  readonly toolCalls: Readonly<Record<string, number>>;
}

/** What layers read of what is stored. */
export interface Ledger {
  spent(of: SpendingOf): Promise<Spending>;
  /** Of the thread's present conversation, without this turn. */
  counts(threadId: string, turnId: string): Promise<ThreadCounts>;
  /** Another word once something of the thread's conversation was taken back or changed, or all of it cleared. */
  revision(threadId: string): Promise<string>;
  /** How the layers of a turn's activations ran, oldest first. Undefined: there is no such turn. */
  trace(turnId: string): Promise<readonly Trace[] | undefined>;
}
