import type { JsonObject } from '../agent/json.ts';
import type { Effect } from '../agent/tool.ts';

/** Where a server is: `internal` ones may use http and private addresses, `external` ones neither. */
export type Reach = 'internal' | 'external';

/** What an admin has decided about one tool. */
export interface ToolOverride {
  /** Wins over whatever its server says. */
  readonly effect?: Effect;
  /** False: models never see it. */
  readonly offer?: boolean;
  /** `ask`: even a read asks people. `auto`: a write runs without asking, what destroys never does. */
  readonly approval?: 'ask' | 'auto';
  /** True: models are told of it even when there are too many tools to tell of all. */
  readonly core?: boolean;
}

/** Something that a server says of itself, exactly as it says it: a tool's definition, or its instructions. */
export interface Pinned {
  readonly kind: 'tool' | 'instructions';
  /** The tool's own name; empty for instructions. */
  readonly name: string;
  /** SHA-256, in hex, of the definition's canonical JSON. */
  readonly hash: string;
  readonly definition: JsonObject;
}

export type PinName = Pick<Pinned, 'kind' | 'name' | 'hash'>;

/** What was decided about a server's definitions, by their hashes. */
export interface Pins {
  readonly accepted: readonly string[];
  /** What somebody took back. */
  readonly refused: readonly string[];
  /** By whom whatever was not taken back counts as accepted: by LAB, or by the bot that brings the server along. */
  readonly acceptedBy?: 'system:lab' | 'system:bundled';
}

/** `waiting` for an admin: `new`, `changed`. `revoked`: taken back, and not offered either. */
export type PinState = 'accepted' | 'new' | 'changed' | 'revoked';

/** What is stored about one name of a server. */
export interface Pin extends Pinned {
  /** When this definition was seen first. */
  readonly firstSeen: Date;
  readonly acceptedHash?: string;
  readonly acceptedDefinition?: JsonObject;
  readonly refusedHash?: string;
  /** The principal who accepted or took back last, and when. */
  readonly decidedBy?: string;
  readonly decidedAt?: Date;
}

/** Who decided about definitions of a server, for the audit log. */
export interface Decider {
  readonly actor: string;
  readonly source?: string;
  readonly address?: string;
}

/** Decisions about what a server says. `server` is its name, for the audit log. */
export interface PinDecision {
  readonly serverId: string;
  readonly server: string;
  readonly pinned: readonly Pinned[];
  readonly by: Decider;
}

/** What servers were seen to say, and what was decided about it. */
export interface PinStore {
  /**
   * Writes down all that a server lists, once over all processes; what waits and is listed no more is
   * forgotten. With `by`, what nobody has taken back is accepted by them at once; resolves to what was.
   */
  note(seen: Omit<PinDecision, 'by'> & { readonly by?: Decider }): Promise<readonly PinName[]>;
  of(serverId: string): Promise<readonly Pin[]>;
  /** Each raises the version of the configuration when anything changed, and resolves to it then. */
  accept(decision: PinDecision): Promise<number | undefined>;
  revoke(decision: PinDecision): Promise<number | undefined>;
}

/** What a server lists at one time. */
export interface Listing {
  readonly tools: readonly {
    readonly name: string;
    readonly hash: string;
    readonly definition: JsonObject;
  }[];
  /** Empty: it gives none. */
  readonly instructions: string;
}

/** The words of a server that go into the system prompt. */
export interface ServerInstructions {
  readonly server: string;
  readonly text: string;
}

/** A tool that its server lists and that models are not told of, because nobody has accepted it. */
export interface WithheldTool {
  /** As models would call it. */
  readonly name: string;
  readonly source: string;
  /** Somebody took it back; else it waits for an admin. */
  readonly isRevoked: boolean;
}

/** By what a key of a client signs. */
export const keyAlgorithms = ['RS256', 'PS256', 'ES256', 'ES384'] as const;

/**
 * How a server learns who we are, besides by its headers: `client_credentials` of the bot,
 * `oauth_bot` one account in which an admin signed in for the bot, `oauth_user` an account for each person.
 */
export interface ServerAuth {
  readonly type: 'client_credentials' | 'oauth_bot' | 'oauth_user';
  /** Empty: the bot registers as a client by itself. */
  readonly clientId: string;
  readonly clientSecret: string;
  /** PEM, PKCS #8; empty: none. */
  readonly privateKey: string;
  readonly keyAlgorithm: (typeof keyAlgorithms)[number];
  /** Separated by spaces; empty: what the server asks for. */
  readonly scopes: string;
  /** The one authorization server that gets the client's credentials; empty: the first that takes them. */
  readonly issuer: string;
}

/** A configured MCP server, with its secrets resolved. */
export interface ServerConfig {
  readonly id: string;
  /** Unique; the first part of its tools' names. */
  readonly name: string;
  readonly protocol: 'http' | 'stdio';
  readonly type: Reach;
  /** http: origin and base path; the MCP URL is `url` without trailing slash + `mcpEndpoint`. */
  readonly url: string;
  readonly mcpEndpoint: string;
  /** http: a path on the same `url` that answers 200 while the server is well; empty: MCP itself is asked. */
  readonly healthCheck: string;
  readonly headers: Readonly<Record<string, string>>;
  /** stdio: the binary to run; never through a shell or npx. */
  readonly command: string;
  readonly args: readonly string[];
  /** stdio: all that the child's environment holds, besides PATH and HOME. */
  readonly env: Readonly<Record<string, string>>;
  /** An admin vouches for it: its hints may lower a tool's effect. */
  readonly isTrusted: boolean;
  /** By the tool's own name. */
  readonly overrides: Readonly<Record<string, ToolOverride>>;
  readonly pins: Pins;
  /** How long its lists are good for without being read again; 0: for no turn. Absent: 300. */
  readonly toolsCacheSeconds?: number;
  /** http: absent: its headers say who we are. */
  readonly auth?: ServerAuth;
  /** Whose tokens a session uses: a principal; absent: the bot's own. */
  readonly identity?: string;
}

/** How a server stands, for health, metrics and people. */
export interface ServerState {
  readonly name: string;
  readonly status: 'connecting' | 'connected' | 'failed';
  /** How many models are offered. */
  readonly toolCount: number;
  /** How many of its definitions wait to be accepted. */
  readonly waiting: number;
  /** One sentence: why it failed. */
  readonly error?: string;
}

/** What became of a check of a server. */
export interface ServerCheck {
  readonly healthy: boolean;
  /** One sentence for people. */
  readonly message: string;
  /** More for operators; without secrets. */
  readonly details: string;
  /** What was asked; empty for stdio. */
  readonly url: string;
  readonly latencyMs: number;
  /** How many tools it lists; absent where MCP was not spoken. */
  readonly tools?: number;
}

/** One tool of a server as an admin sees it. */
export interface ServerTool {
  /** As its server calls it. */
  readonly name: string;
  /** As models call it. */
  readonly fullName: string;
  readonly description: string;
  /** What its server says of it. */
  readonly hints: {
    readonly readOnlyHint?: boolean | undefined;
    readonly destructiveHint?: boolean | undefined;
    readonly openWorldHint?: boolean | undefined;
  };
  readonly effect: Effect;
  readonly isOffered: boolean;
  /** Whether it asks people before it runs. */
  readonly asks: boolean;
  readonly override: ToolOverride;
  readonly hash: string;
  readonly state: PinState;
  /** What its server says of it, in full. */
  readonly definition: JsonObject;
  /** What was accepted before, where that is something else. */
  readonly accepted?: JsonObject;
  readonly firstSeen?: Date;
  /** Who accepted or took back last. */
  readonly decidedBy?: string;
  readonly decidedAt?: Date;
}

/** The instructions of a server as an admin sees them. */
export interface InstructionsView
  extends Pick<ServerTool, 'hash' | 'state' | 'firstSeen' | 'decidedBy' | 'decidedAt'> {
  readonly text: string;
  /** What was accepted before, where that is something else. */
  readonly accepted?: string;
  /** Whether they are in the system prompt: the server is trusted, and they are accepted. */
  readonly isUsed: boolean;
}

/** All that a server lists, as an admin sees it. */
export interface ServerListing {
  readonly tools: readonly ServerTool[];
  /** Absent: it gives none. */
  readonly instructions?: InstructionsView;
}
