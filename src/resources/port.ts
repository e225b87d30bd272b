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
}

/** A configured MCP server; `env` and `headers` hold secret references or plain values. */
export interface ServerRow {
  readonly id: string;
  readonly name: string;
  readonly protocol: 'http' | 'stdio';
  readonly url: string;
  readonly mcpEndpoint: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly isTrusted: boolean;
}

/** Everything configured, as of one version. */
export interface Snapshot {
  readonly version: number;
  readonly settings: Settings;
  /** The enabled default model, else the first enabled one by name; the environment's when there is no other. */
  readonly model?: ModelRow;
  readonly servers: readonly ServerRow[];
}

/** A model that comes from the environment or a file rather than from an admin. */
export interface NewModel {
  readonly name: string;
  readonly provider: string;
  readonly description: string;
  readonly secretReference: string;
  readonly isDefault: boolean;
  readonly temperature?: number;
  readonly modelConfig: Readonly<Record<string, unknown>>;
}

export type NewServer = Omit<ServerRow, 'id'> & { readonly description: string };

/** What exists at the start, besides what admins made. */
export interface Seeds {
  /** Replaces whatever the environment described at an earlier start. Absent: it describes none. */
  readonly environmentModel?: NewModel;
  /** What did not answer when it was looked for: the model that the environment once described there stays. */
  readonly unanswered?: Pick<NewModel, 'provider' | 'modelConfig'>;
  /** Created when missing, by unique name. */
  readonly models: readonly NewModel[];
  readonly servers: readonly NewServer[];
  readonly providers: readonly {
    readonly name: string;
    readonly config: Readonly<Record<string, unknown>>;
  }[];
  readonly settings: Partial<Settings>;
  /** Brought up to date at every start: the servers that the bot brings along. */
  readonly bundled: readonly NewServer[];
}

/** Configuration as stored. */
export interface ConfigStore {
  version(): Promise<number>;
  snapshot(): Promise<Snapshot>;
  /** Creates and refreshes what the start brings, in one transaction. Raises the version when anything changed. */
  seed(seeds: Seeds): Promise<void>;
}
