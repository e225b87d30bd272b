import type { z } from 'zod';
import type { SecretStanding } from '../access/secret-standing.ts';
import type { GroupView, OpenGroups } from '../alerts/port.ts';
import type { PlatformWho } from '../chat/adapter.ts';
import type { RunView, Wisher } from '../schedules/port.ts';
import type { Decider, Pinned, ServerListing } from '../tools/port.ts';
import type { ModelRow, OwnPrices, ServerRow } from './port.ts';

/** What became of a check of an MCP server. */
export interface ServerCheck {
  readonly healthy: boolean;
  /** One sentence for those who may correct it. */
  readonly message: string;
  /** More for them. */
  readonly details: string;
  /** What everybody else may read: outside LAB a reference id instead of what went wrong. Absent: the message. */
  readonly guarded?: string;
  readonly url: string;
  readonly latencyMs: number;
  readonly tools?: number;
}

/** What an admin decides about definitions that a server lists. */
export interface ToolDecision {
  /** The server's. */
  readonly id: string;
  readonly verb: 'accept' | 'revoke';
  readonly pinned: readonly Pinned[];
  readonly by: Decider;
}

/** What became of one tiny call of a model. */
export type ModelTest =
  | { readonly ok: true; readonly latencyMs: number; readonly tokens: number; readonly text: string }
  | {
      readonly ok: false;
      readonly latencyMs: number;
      readonly kind: string;
      /** What is wrong and what to do, for those who may correct it. */
      readonly detail: string;
      /** What everybody else may read; see `ServerCheck`. */
      readonly guarded?: string;
    };

/** A type of middleware as this version of the bot knows it. */
export interface MiddlewareKind {
  /** Of its config; fills in defaults and refuses unknown keys. */
  readonly config: z.ZodType;
  /** False: its config can be stored, but nothing runs. */
  readonly isBuilt: boolean;
  /** Why nothing runs, as a sentence. */
  readonly problem?: string;
  /** It comes with the bot. */
  readonly isOwn?: boolean;
  /** Where it belongs when nobody says. */
  readonly priority?: number;
  /** The providers whose models can have it. Absent: all. */
  readonly providers?: readonly string[];
  /** The models that a valid config names. */
  readonly models?: (config: unknown) => readonly string[];
  /** What a valid config needs that is not here, as a sentence: no layer is built then. */
  readonly needs?: (config: unknown) => string | undefined;
  /** What of a valid config does not work as one would think around a model, as a sentence. */
  readonly doubt?: (config: unknown, around: LayerPlace) => string | undefined;
  /** Why the latest layer of this config around this model could not be built in this process. */
  readonly failure?: (model: string, config: unknown) => string | undefined;
}

/** The model that a layer lies around. */
export interface LayerPlace {
  /** Something is known of what it costs. */
  readonly isPriced: boolean;
  /** Its other active layers. */
  readonly others: readonly { readonly type: string; readonly config: unknown }[];
}

/** A layer of a model, and where it lies. */
export interface PlacedLayer {
  readonly type: string;
  readonly priority: number;
}

/** A layer that a model has without a row. */
export interface DefaultLayer extends PlacedLayer {
  readonly config: Readonly<Record<string, unknown>>;
}

/** A model as its price is looked up. */
export interface PricedModel {
  readonly provider: string;
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly own: OwnPrices;
}

/** What a model costs, in US dollars for a million tokens; absent: unknown. */
export interface PriceView extends OwnPrices {
  /** What requests with more than `above` tokens of input cost. */
  readonly tiers: readonly (OwnPrices & { readonly above: number })[];
  readonly source: string;
  /** `2026-11` or `2026-11-30`. */
  readonly date?: string;
}

/** What there is to ask about schedules. */
export interface ScheduleWorld {
  /** What is wrong with a cron expression, as a sentence. */
  cronProblem(expression: string): string | undefined;
  /** The next times; none for an expression or a zone that is wrong. */
  next(expression: string, timezone: string, count: number): readonly Date[];
  /** Why this principal can have nothing posted there, as a sentence. */
  targetProblem(target: string, principal: string): string | undefined;
  /** Begins a run, and gives its id; undefined while another one is under way. */
  run(id: string, by: Wisher): Promise<string | undefined>;
  /** The newest first. */
  history(id: string, limit: number): Promise<readonly RunView[]>;
}

/** What there is to ask about routes of alerts. */
export interface AlertWorld {
  /** Senders on this machine need not show who they are. */
  readonly takesAnybody: boolean;
  /** What is wrong with a template, as a sentence. */
  templateProblem(template: string): string | undefined;
  /** Lets a made-up alert come in on a route, or resolves it. */
  test(id: string): Promise<{ readonly ok: boolean; readonly message: string }>;
  /** The newest first. */
  recent(id: string, limit: number): Promise<readonly GroupView[]>;
  /** What is open of a route. */
  open(id: string): Promise<OpenGroups>;
}

/** What rules and actions of resources may ask of the rest of the bot. */
export interface World {
  /** Every permission there is. */
  readonly permissions: ReadonlySet<string>;
  /** Why an MCP server may not be started with this program here. */
  refusalOfProgram(program: {
    readonly command: string;
    readonly args: readonly string[];
    readonly variables: readonly string[];
  }): string | undefined;
  /** Milliseconds since 1970. */
  now(): number;
  readonly secrets: SecretStanding;
  /** Undefined: no such provider is built into this version. */
  provider(name: string): { readonly config: z.ZodType } | undefined;
  middleware(type: string): MiddlewareKind | undefined;
  /** What is odd about the place of one layer among the others of its model, as sentences. */
  middlewareOrder(one: PlacedLayer, others: readonly PlacedLayer[]): readonly string[];
  /** The layers that a model has by default, beside those of these types. */
  defaultLayers(types: readonly string[]): readonly DefaultLayer[];
  /** Undefined: nobody knows its price. */
  price(model: PricedModel): PriceView | undefined;
  /** What is wrong with a prompt, as sentences; of the text, or of a file. */
  promptProblems(prompt: { readonly text: string } | { readonly file: string }): Promise<readonly string[]>;
  /** A prompt as the model would get it now. */
  previewPrompt(id: string): Promise<string>;
  /** Really asks the server; never throws. One that runs elsewhere is asked for no longer than `withinMs`. */
  checkServer(id: string, withinMs?: number): Promise<ServerCheck>;
  /** Throws a sentence when it cannot be asked; `isOpen` false: the one that everybody may read. */
  serverTools(id: string, isOpen: boolean): Promise<ServerListing>;
  /** Stores it with its audit record; it takes effect at the next turn everywhere. */
  decideTools(decision: ToolDecision): Promise<void>;
  /** Sign-in to MCP servers. */
  readonly signIns: {
    /** Why nobody can sign in here, as a sentence; undefined where they can. */
    refusal(): string | undefined;
    /** A private link for this principal. Throws a sentence. */
    link(serverId: string, principal: string): Promise<{ readonly url: string; readonly expiresAt: Date }>;
    /** `bot`, or a principal. Whether there was anything to forget. */
    disconnect(serverId: string, identity: string): Promise<boolean>;
  };
  /** What the bot does at set times. */
  readonly schedules: ScheduleWorld;
  /** What comes in from outside. */
  readonly alerts: AlertWorld;
  /** The addresses of channels of this name that the bot is in, for who asks by this principal. Never throws. */
  placesCalled(name: string, principal: string): Promise<readonly string[]>;
  /** What the platform of a principal says of who that is. Undefined: it cannot tell, soon. Never throws. */
  personOf(principal: string): Promise<PlatformWho | undefined>;
  /** Really calls the model once, on this principal's account; never throws. */
  testModel(id: string, principal: string): Promise<ModelTest>;
  /** The same for a model that is not stored. */
  tryModel(row: ModelRow, principal: string): Promise<ModelTest>;
  /** Asks a server that is not stored, by MCP in any case, and says which tools it has; keeps nothing. */
  tryServer(row: ServerRow): Promise<ServerCheck>;
  /** How many tools of a server models are offered in this process; undefined: it is not connected. */
  toolCount(server: string): number | undefined;
}
