/** What the strict LLM server answers, said once for every wire format. */

/** A tool call of the model; `arguments` is JSON text, valid or not. */
export interface ScriptedCall {
  readonly id?: string;
  readonly name: string;
  readonly arguments: string;
}

export interface ScriptedUsage {
  readonly input: number;
  readonly output: number;
  readonly cached?: number;
  readonly cacheWrite?: number;
  readonly reasoning?: number;
}

/** What goes wrong. `afterFrames` counts the frames that are sent before it does. */
export type Fault =
  | { readonly type: 'stall'; readonly before: 'headers' }
  | { readonly type: 'stall'; readonly afterFrames: number }
  | { readonly type: 'cut'; readonly afterFrames: number }
  | { readonly type: 'eof'; readonly afterFrames: number }
  | { readonly type: 'malformed'; readonly afterFrames: number }
  /** The vendor's own error inside a stream that began well. */
  | { readonly type: 'stream_error'; readonly afterFrames: number; readonly message: string }
  | { readonly type: 'http'; readonly refusal: RefusalName; readonly retryAfter?: string };

/** Refusals by meaning; each wire format words them as its vendor does. */
export type RefusalName =
  | 'unauthorized'
  | 'forbidden'
  | 'model_not_found'
  | 'rate_limited'
  | 'quota'
  | 'server_error'
  | 'overloaded'
  | 'context_overflow'
  | 'content_filter';

/** One answer of the server. */
export interface ScriptedReply {
  /** Text, or its pieces as they are streamed. */
  readonly text?: string | readonly string[];
  readonly reasoning?: string;
  /** A thought that the vendor hides; Anthropic only. */
  readonly redacted?: string;
  readonly calls?: readonly ScriptedCall[];
  /** Deferred tools that the vendor finds before it calls; OpenAI Responses and Anthropic only. */
  readonly finds?: readonly string[];
  readonly usage?: ScriptedUsage;
  /**
   * Why it stops, if not for its calls or its end. `refusal` makes the text a refusal; `pause` and
   * `window` (the context window is full) are Anthropic's only.
   */
  readonly stop?: 'length' | 'content_filter' | 'refusal' | 'pause' | 'window';
  readonly fault?: Fault;
  /** Before the headers: the model thinks. */
  readonly thinkMs?: number;
  /** Sent in TCP pieces of this many bytes, so that characters are cut in two. */
  readonly bytesPerWrite?: number;
  /** Each frame is a packet of its own, and waits for what this says. */
  readonly before?: (frame: string) => Promise<void> | undefined;
}

/** A request as the server saw it. */
export interface RecordedRequest {
  readonly wire: WireName;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: JsonRecord;
  /** Resolves when the client's connection of this request is gone or its answer is complete. */
  readonly closed: Promise<'complete' | 'gone'>;
}

export type WireName = 'responses' | 'chat' | 'messages' | 'ollama';

export type JsonRecord = Readonly<Record<string, unknown>>;

/** An HTTP error as a vendor words it. */
export interface Refusal {
  readonly status: number;
  readonly body: JsonRecord;
}

/** One vendor's format. */
export interface Wire {
  readonly name: WireName;
  /** Where it is served; a pattern sees the query too. */
  readonly path: string | RegExp;
  readonly contentType: string;
  /** Whether a request carries the key. Absent: behind `Authorization: Bearer`. */
  admits?(request: RecordedRequest, key: string): boolean;
  /** What is wrong with a request, as the vendor would say; undefined when nothing is. */
  check(body: JsonRecord, request: RecordedRequest): Refusal | undefined;
  /** Words a refusal. */
  refuse(name: RefusalName, model: string): Refusal;
  /** The answer's frames in order, the terminal one last. `number` differs for every request. */
  frames(reply: ScriptedReply, model: string, number: number, body: JsonRecord): readonly string[];
  /** The frame of an error in the middle of a stream. */
  errorFrame(message: string): string;
  /** A frame that is no JSON. */
  readonly brokenFrame: string;
}

/** The pieces of a reply's text. */
export function textPieces(reply: ScriptedReply): readonly string[] {
  if (reply.text === undefined) return [];
  return typeof reply.text === 'string' ? [reply.text] : reply.text;
}

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The records of a list; anything else is none. */
export function recordsOf(value: unknown): readonly JsonRecord[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

/** Models of this name see nothing but text. */
export const isBlind = (model: unknown) => String(model).includes('text-only');

export const imageUrl = /^data:image\/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+=*$/;
export const pdfUrl = /^data:application\/pdf;base64,JVBER[A-Za-z0-9+/]*=*$/;

export const namePattern = /^[a-zA-Z0-9_-]{1,64}$/;
