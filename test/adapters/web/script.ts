/** What the fake bot's model does with one message: a list of steps, run in order. */
export type ScriptStep =
  | { readonly say: string; readonly perChunkMs?: number }
  | { readonly restart: string }
  | {
      readonly tool: string;
      readonly arguments: object;
      readonly result: string;
      readonly fails?: boolean;
      readonly takesMs?: number;
    }
  | {
      readonly ask: string;
      readonly arguments: object;
      readonly note?: string;
      readonly effect?: 'write' | 'destructive';
    }
  /** Goes on when the turn is steered or `release` is called; until then only a stop ends it. */
  | { readonly hold: true }
  | { readonly fail: string; readonly code: string };

export type Script = (text: string) => readonly ScriptStep[];
