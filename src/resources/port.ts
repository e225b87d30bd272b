import type { Reach, ServerAuth, ToolOverride } from '../tools/port.ts';
import type { PromptSource } from './prompt-files.ts';
import type { PromptText } from './prompt-template.ts';
import type { Settings } from './settings.ts';

/** A configured model and the provider it runs on. */
export interface ModelRow {
  readonly id: string;
  /** Also what the vendor calls the model. */
  readonly name: string;
  readonly provider: string;
  /** The provider's own settings; the model's win over them. */
  readonly providerConfig: Readonly<Record<string, unknown>>;
  readonly modelConfig: Readonly<Record<string, unknown>>;
  /** A secret reference; empty when none is needed. */
  readonly secretReference: string;
  readonly temperature?: number;
  /** Tokens; absent: as the provider knows them. */
  readonly contextWindow?: number;
  readonly maxTokens?: number;
  /** It has no layers of middleware but those that are configured. Absent: the default ones too. */
  readonly hasOwnLayersOnly?: true;
  /** What an admin says it costs; absent: as the tables of prices know it. */
  readonly ownPrices?: OwnPrices;
}

/** US dollars for a million tokens; absent: not set. */
export interface OwnPrices {
  readonly input?: number;
  readonly output?: number;
  readonly cacheRead?: number;
  readonly cacheWrite?: number;
}

/** A configured MCP server; `env` and `headers` hold secret references or plain values. */
export interface ServerRow {
  readonly id: string;
  readonly name: string;
  readonly protocol: 'http' | 'stdio';
  readonly type: Reach;
  readonly url: string;
  readonly mcpEndpoint: string;
  readonly healthCheck: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  /** Its secrets are references. Absent: its headers say who we are. */
  readonly auth?: ServerAuth;
  readonly isTrusted: boolean;
  /** How long its lists are good for without being read again; 0: for no turn. */
  readonly toolsCacheSeconds: number;
  /** By the tool's own name. */
  readonly toolOverrides: Readonly<Record<string, ToolOverride>>;
  /** What admins accepted and took back of what it says, by hash. */
  readonly pins: { readonly accepted: readonly string[]; readonly refused: readonly string[] };
}

/** An approved system prompt. */
export interface PromptRow {
  readonly name: string;
  readonly version: number;
  readonly source: PromptSource;
}

/** The system prompt in use, its file read. */
export type Prompt = Pick<PromptRow, 'name' | 'version'> & PromptText;

/** A layer around a model, as configured. */
export interface MiddlewareRow {
  readonly type: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly priority: number;
  /** False: left out; of a type that models have by themselves, that is how it is switched off. */
  readonly isActive: boolean;
  /** When it cannot be built, the turn fails. */
  readonly isCritical: boolean;
}

/** Everything configured, as of one version. */
export interface Snapshot {
  readonly version: number;
  readonly settings: Settings;
  /** The enabled default model, else the first enabled one by name; the environment's when there is no other. */
  readonly model?: ModelRow;
  /** The layers around that model as admins configured them, outermost first. */
  readonly middleware: readonly MiddlewareRow[];
  readonly servers: readonly ServerRow[];
  /** Names of servers that did not answer when they were last checked: their tools are not offered. Absent: none. */
  readonly unhealthy?: readonly string[];
  /** Absent: none is approved, or none can be read; the bot's own words are used. */
  readonly prompt?: Prompt;
}

/** A snapshot as stored, before the prompt's file is read. */
export interface StoredSnapshot extends Omit<Snapshot, 'prompt'> {
  /** Best first: the model's own, then those from files by version, the newest first. */
  readonly prompts: readonly PromptRow[];
}

/** A model that the environment describes. */
export interface NewModel {
  readonly name: string;
  readonly provider: string;
  readonly description: string;
  readonly secretReference: string;
  readonly modelConfig: Readonly<Record<string, unknown>>;
}

/** A server that the bot brings along; its program is found when it is started. */
export interface BundledServer {
  readonly name: string;
  readonly description: string;
}

/** What exists at the start, besides what admins made. */
export interface Seeds {
  /** Replaces whatever the environment described at an earlier start. Absent: it describes none. */
  readonly environmentModel?: NewModel;
  /** What did not answer when it was looked for: the model that the environment once described there stays. */
  readonly unanswered?: Pick<NewModel, 'provider' | 'modelConfig'>;
  /** Brought up to date at every start. */
  readonly bundled: readonly BundledServer[];
}

/** Configuration as stored. */
export interface ConfigStore {
  version(): Promise<number>;
  snapshot(): Promise<StoredSnapshot>;
  /** One of them, also when it is not in use. */
  model(id: string): Promise<ModelRow | undefined>;
  /** An enabled one by its name. */
  modelNamed(name: string): Promise<ModelRow | undefined>;
  /** All that can be called, the one in use first. */
  models(): Promise<readonly ModelRow[]>;
  server(id: string): Promise<ServerRow | undefined>;
  prompt(id: string): Promise<PromptRow | undefined>;
  /** Creates and refreshes what the start brings, in one transaction. Raises the version when anything changed. */
  seed(seeds: Seeds): Promise<void>;
}
