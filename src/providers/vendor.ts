import type { z } from 'zod';
import type { ModelEvent, ModelRequest, ProviderError, Usage } from '../agent/provider.ts';
import type { Log } from '../observe/port.ts';

/**
 * What a vendor's stream gives: a model event; a sign of life that says nothing yet; or what the present
 * request has used so far, which counts only when no `usage` follows because the request broke off.
 */
export type VendorEvent =
  | ModelEvent
  | { readonly type: 'alive' }
  | { readonly type: 'used'; readonly usage: Usage };

/**
 * One model of one vendor, as its server speaks: one try, no retries, no timeouts. `resilient` makes
 * a `Provider` of it.
 */
export interface Vendor {
  /** Vendor and model, for messages to operators. */
  readonly label: string;
  /** How long it may be silent before its first event: models must be loaded. Absent: `idleMs`. */
  readonly firstEventMs?: number;
  /** How long it may be silent after that: models think. Absent: `resilient`'s default. */
  readonly idleMs?: number;
  /** The kinds of files that its API takes beside the words of a person; a model of it may take less. Absent: none. */
  readonly takes?: readonly ('image' | 'pdf')[];
  /** It can search deferred tools by itself. */
  readonly searchesTools?: boolean;
  /**
   * Calls the model once. Yields `alive` for everything received that is no event, so that a long
   * tool call does not look like a stall. May end without `stop`, and may throw anything.
   */
  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<VendorEvent>;
  /** Names what `stream` or `probe` threw. */
  classify(error: unknown): ProviderError;
  /** Absent: nobody can tell without a paid call whether it can be reached. */
  readonly probe?: Probe;
}

/** A look at a model's server that spends no token: which models it offers. */
export interface Probe {
  /** Tells server and credential from others, and shows neither: models with the same need one look. */
  readonly account: string;
  /** The names of what it offers. May throw anything. */
  list(signal: AbortSignal): Promise<readonly string[]>;
  /** Whether those have the model; undefined: it may be there without being among them. */
  has(names: readonly string[]): boolean | undefined;
}

/** Who this process is at Microsoft Entra ID, as its surroundings tell it. */
export interface EntraIdentity {
  readonly tenantId?: string;
  readonly clientId?: string;
  /** A file with a token of Kubernetes that Entra ID exchanges: workload identity. */
  readonly tokenFile?: string;
  /** Another cloud's sign-in than `https://login.microsoftonline.com`. */
  readonly authorityHost?: string;
}

/** What vendors are told beside the configuration of a model. */
export interface Surroundings {
  /** The operator's folder of own parts. */
  readonly pluginsDir?: string;
  readonly entra?: EntraIdentity;
}

/** What a configured model gives to its vendor. */
export interface VendorOptions extends Surroundings {
  readonly model: string;
  /** Resolved from its secret reference. */
  readonly apiKey?: string;
  /** As stored; checked by the definition's schema. */
  readonly config: unknown;
  /** The guarded fetch of configured servers. Absent: Node's own. */
  readonly fetch?: typeof fetch;
  readonly log?: Log;
}

/** One LLM vendor. Adding one is a file with a definition, and a line in `index.ts`. */
export interface ProviderDefinition {
  readonly name: string;
  /** Shown to people. */
  readonly label: string;
  /** Used when nobody named a model; empty where none can be known. */
  readonly defaultModel: string;
  /** False: works without an API key. */
  readonly needsKey: boolean;
  /** The schema of the provider's config; every field has a default or may be absent. */
  readonly config: z.ZodType;
  /** Tokens that a model reads and writes at most, as far as known. */
  contextWindow(model: string, config: unknown): number | undefined;
  /**
   * Loads the vendor's SDK and makes a model of it. Rejects with `ProviderError` `auth` without a
   * needed key, and with zod's error when the config is not valid.
   */
  create(options: VendorOptions): Promise<Vendor>;
}

/** Turns one vendor's chunks into events. Made anew for every stream. */
export interface ChunkReader<Chunk> {
  /** May throw after its last event, when the chunk tells of a failure. */
  read(chunk: Chunk): Iterable<VendorEvent>;
  /** What is left to say when the stream ended cleanly. */
  end(): readonly ModelEvent[];
}

const alive = { type: 'alive' } as const;

/** Opens a stream of chunks and reads it to its end. */
export async function* readChunks<Chunk>(
  open: () => Promise<AsyncIterable<Chunk>>,
  reader: ChunkReader<Chunk>,
): AsyncGenerator<VendorEvent> {
  for await (const chunk of await open()) {
    let isSilent = true;
    for (const event of reader.read(chunk)) {
      isSilent = false;
      yield event;
    }
    if (isSilent) yield alive;
  }
  for (const event of reader.end()) yield event;
}
