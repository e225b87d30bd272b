import type { Middleware, Onions } from '../agent/middleware.ts';
import type { Provider } from '../agent/provider.ts';
import type { Tool } from '../agent/tool.ts';
import type { ChatAdapter } from '../chat/adapter.ts';
import type { Principal } from '../chat/inbound.ts';
import type { ConcernStore } from '../inbox/port.ts';
import type { Layered, TurnSide } from '../middleware/port.ts';
import type { Clock, Log, Metrics } from '../observe/port.ts';
import type { MiddlewareRow, ModelRow, Snapshot } from '../resources/port.ts';
import type { Sessions } from '../sessions/port.ts';
import type { ServerInstructions, WithheldTool } from '../tools/port.ts';
import type { Policy } from './clearance.ts';
import type { Deciders, TurnStore } from './port.ts';
import type { Recent } from './recent.ts';

/** A configured model, ready to be called. */
export interface LoadedModel {
  readonly provider: Provider;
  /** Tokens it can read at most. */
  readonly contextWindow: number;
  readonly maxOutputTokens?: number;
}

/** Everything that answering needs; made in `main`. */
export interface BotParts {
  readonly turns: TurnStore;
  readonly sessions: Sessions;
  readonly concerns: ConcernStore;
  /** Configuration of at least this version. */
  readonly config: (version: number) => Promise<Snapshot>;
  /** Throws `ProviderError` when the model cannot be made, e.g. because its secret is missing. */
  readonly model: (row: ModelRow, version: number) => Promise<LoadedModel>;
  /** An enabled model by its name. Throws `ProviderError` when there is none, or when it cannot be made. */
  readonly modelNamed: (
    name: string,
    version: number,
  ) => Promise<LoadedModel & { readonly temperature?: number }>;
  /** The tools of all connected servers, in a stable order. */
  readonly tools: (config: Snapshot) => Promise<readonly Tool[]>;
  /** Tools that are there, but that nobody has accepted. */
  readonly withheld: () => readonly WithheldTool[];
  /** What trusted servers say of how to use them, in a stable order. */
  readonly serverInstructions: () => readonly ServerInstructions[];
  readonly policy: Policy;
  /** Who may decide what this principal asks for. */
  readonly decidersOf: (asker: Principal) => Promise<Deciders>;
  /** Fresh layers for an activation. Throws `TurnEndError` when a critical one cannot be built. */
  readonly layers: (rows: readonly MiddlewareRow[], side: TurnSide) => Promise<Layered>;
  readonly compose: (layers: readonly Middleware[]) => Onions;
  readonly adapters: ReadonlyMap<string, ChatAdapter>;
  /** Something was put into the outbox. */
  readonly posted: () => void;
  /** Something about a thread was stored. */
  readonly changed: (threadId: string) => void;
  /** Where requests of this process find the turns that ended in it. */
  readonly recent: Recent;
  /** Markdown about the state of the bot. */
  readonly health: () => Promise<string>;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly clock: Clock;
  /** Errors carry their details; in LAB only. */
  readonly showDetails: boolean;
  readonly maxAttempts: number;
  readonly approvalHours: number;
}
