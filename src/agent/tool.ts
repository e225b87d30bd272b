import type { Json, JsonObject } from './json.ts';
import type { ToolSpec } from './provider.ts';

/** Whether a tool reads, changes, or may destroy something. */
export type Effect = 'read' | 'write' | 'destructive';

/** What a tool gave. A failure is a result for the model, never an exception. */
export interface ToolOutcome {
  readonly text: string;
  readonly structured?: Json;
  readonly links?: readonly Link[];
  /** At most four, each of at most 5 MB; `text` names them too. `data`: base64. */
  readonly images?: readonly Image[];
  readonly isError: boolean;
  /**
   * Why there is no result, where it may pass by itself: the server could not be reached or was lost, or
   * did not answer in time. Absent with `isError`: the tool, its server or a rule said no.
   */
  readonly failure?: 'unreachable' | 'timeout';
  /** The tool whose words `text` holds, where it only reads again what another tool gave. */
  readonly wordsOf?: string;
  /** The call could not end without the asker: once they have answered, it is run again. */
  readonly need?: Need;
}

/** What a tool points to. */
export interface Link {
  readonly uri: string;
  readonly name?: string;
}

/** A picture that a tool gave. */
export interface Image {
  readonly mimeType: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';
  readonly data: string;
}

/** What a call needs of the person who asked before it can give a result. */
export type Need =
  /** To sign in to a server with an account of their own. */
  | { readonly type: 'sign_in'; readonly server: string; readonly serverId: string }
  /** To fill in a form. `schema`: JSON Schema of a flat object. */
  | { readonly type: 'form'; readonly server: string; readonly message: string; readonly schema: JsonObject }
  /** To open an address that the server gave, and to say when they are done there. */
  | { readonly type: 'link'; readonly server: string; readonly message: string; readonly url: string };

/** What the asker said to a need. `decline`: no; `cancel`: they went away from it. */
export interface NeedAnswer {
  readonly need: Need;
  readonly action: 'accept' | 'decline' | 'cancel';
  /** Of a form that was filled in. */
  readonly content?: JsonObject;
}

/** For whom a call is made. */
export interface CallContext {
  /** The principal who asked. */
  readonly asker: string;
  /** What they said to earlier needs of this same call, oldest first. */
  readonly answers: readonly NeedAnswer[];
  /** Hears how far the call is, such as `3/10 copying`, at most a few times a second. */
  progress?(text: string): void;
}

/** Something the model can call. */
export interface Tool extends ToolSpec {
  /** The server it comes from; `bot` for the bot's own. */
  readonly source: string;
  /** What the tool is called at its source. */
  readonly sourceName: string;
  readonly effect: Effect;
  /** What an admin decided: `ask` even before a read, or let a write run by itself. Absent: the effect decides. */
  readonly approval?: 'ask' | 'auto';
  /** An admin wants models to be told of it even when there are too many tools to tell of all. */
  readonly isCore?: boolean;
  /** An admin vouches for what it says. Absent: its results may hold the words of strangers. */
  readonly isTrusted?: boolean;
  /** The part of its server's context that it gives to read. Absent: it is one of the server's own tools. */
  readonly context?: 'resources' | 'resource' | 'prompt';
  /** People see what it does by other means: its calls are not shown while they run. */
  readonly isQuiet?: boolean;
  /** What it needs of the asker before it can run at all; asked before any approval. Absent: nothing. */
  needs?(context: CallContext): Promise<Need | undefined>;
  /**
   * Runs the call. Must not throw for failures of the tool; throws only when `signal` aborts it.
   * Without a context it is run for nobody in particular, and what needs a person fails.
   */
  run(args: JsonObject, signal: AbortSignal, context?: CallContext): Promise<ToolOutcome>;
}
