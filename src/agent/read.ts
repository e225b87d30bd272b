import { type KeptResult, readResult } from './keep.ts';
import type { ToolSpec } from './provider.ts';
import { alternativesOf, offsetOfLine, search } from './search.ts';
import type { Tool, ToolOutcome } from './tool.ts';

export interface ReadOptions {
  /** A kept result of this thread; undefined: it has none of this id. */
  readonly load: (id: string) => Promise<KeptResult | undefined>;
  /** What one answer may hold, at most. */
  readonly maxCharacters: number;
}

/** What models are told of `readTool`; the same for every thread and model. */
export const readSpec: ToolSpec = {
  name: readResult,
  description:
    'Reads on in a tool result that was shortened, by the id in its last line. With `find`, only where that text stands.',
  inputSchema: {
    type: 'object',
    properties: {
      result: { type: 'string', description: 'The id.' },
      from: {
        type: 'string',
        description: 'Where to begin: a character offset such as "12000", or a line such as "L250".',
      },
      find: {
        type: 'string',
        description: 'A text; * stands for anything in a line, | between alternatives.',
      },
    },
    required: ['result'],
  },
};

/** The bot's own tool that reads results which were too long to be given whole. */
export function readTool(options: ReadOptions): Tool {
  return {
    ...readSpec,
    source: 'bot',
    sourceName: readResult,
    effect: 'read',
    isTrusted: true,
    run: async ({ result, from, find }) => {
      const id = String(result ?? '').trim();
      const kept = await options.load(id);
      if (kept === undefined) return { text: unknownText(id), isError: true };
      const start = startOf(kept.text, from);
      if (start === undefined) return { text: startText, isError: true };
      const pattern = typeof find === 'string' ? find : '';
      if (alternativesOf(pattern).length > mostAlternatives) return { text: findText, isError: true };
      const words =
        pattern.trim() === '' ? page(kept, start, options) : matches(kept, pattern, start, options);
      return { ...words, wordsOf: kept.tool };
    },
  };
}

function unknownText(id: string): string {
  return `There is no stored result ${id === '' ? 'without an id' : id.slice(0, 60)} in this conversation. Ids stand in the last line of shortened results; where there is none, call the tool again.`;
}

/** Each of them is looked for in all of a result. */
const mostAlternatives = 10;
const findText = `\`find\` may have ${mostAlternatives} alternatives at most; look for the rest in another call.`;

const startText = '`from` must be a character offset such as "12000", or a line such as "L250".';

function startOf(text: string, from: unknown): number | undefined {
  if (from === undefined || from === null || from === '') return 0;
  const [, line, number] = /^\s*(l(?:ine)?\s*)?(\d{1,9})\s*$/i.exec(String(from)) ?? [];
  if (number === undefined) return undefined;
  return line === undefined ? Number(number) : offsetOfLine(text, Number(number));
}

function page({ id, text }: KeptResult, start: number, { maxCharacters }: ReadOptions): ToolOutcome {
  if (start >= text.length) {
    return { text: `Result ${id} ends at offset ${text.length}; nothing stands after it.`, isError: false };
  }
  const from = wholeFrom(text, start);
  const end = wholeFrom(text, Math.min(text.length, from + maxCharacters - noteCharacters));
  const next = end < text.length ? ` Read on from ${end}.` : ' This is the end.';
  return {
    text: `${text.slice(from, end)}\n[${from} to ${end} of ${text.length} characters of result ${id}.${next}]`,
    isError: false,
  };
}

const noteCharacters = 160;

/** Never between the two halves of one character. */
function wholeFrom(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff ? at - 1 : at;
}

const mostHits = 40;

function matches(
  { id, text }: KeptResult,
  pattern: string,
  start: number,
  { maxCharacters }: ReadOptions,
): ToolOutcome {
  const shown: string[] = [];
  let left = maxCharacters - noteCharacters;
  for (const hit of search(text, pattern, start)) {
    const part = `L${hit.line}, offset ${hit.offset}:\n${hit.text.toWellFormed()}`;
    left -= part.length + 2;
    if (left < 0 || shown.length === mostHits) {
      return {
        text: `${shown.join('\n\n')}\n\n[More in result ${id}: look on from ${hit.offset}.]`,
        isError: false,
      };
    }
    shown.push(part);
  }
  const where = `${text.length} characters of result ${id}`;
  if (shown.length === 0) {
    return {
      text: `Nothing in the ${where}${start > 0 ? ` from ${start} on` : ''} matches.`,
      isError: false,
    };
  }
  return { text: `${shown.join('\n\n')}\n\n[All matches in the ${where}.]`, isError: false };
}
