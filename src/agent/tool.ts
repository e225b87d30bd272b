import type { Json, JsonObject } from './json.ts';
import type { ToolSpec } from './provider.ts';

/** Whether a tool reads, changes, or may destroy something. */
export type Effect = 'read' | 'write' | 'destructive';

/** What a tool gave. A failure is a result for the model, never an exception. */
export interface ToolOutcome {
  readonly text: string;
  readonly structured?: Json;
  readonly links?: readonly { readonly uri: string; readonly name?: string }[];
  readonly isError: boolean;
}

/** Something the model can call. */
export interface Tool extends ToolSpec {
  /** The server it comes from; `bot` for the bot's own. */
  readonly source: string;
  /** What the tool is called at its source. */
  readonly sourceName: string;
  readonly effect: Effect;
  /** Runs the call. Must not throw for failures of the tool; throws only when `signal` aborts it. */
  run(args: JsonObject, signal: AbortSignal): Promise<ToolOutcome>;
}

/** Where tools come from: an MCP server, or the bot itself. A source that fails offers nothing. */
export interface ToolSource {
  readonly name: string;
  tools(): readonly Tool[];
}
