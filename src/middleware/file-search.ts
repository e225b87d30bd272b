import { constants } from 'node:fs';
import { type FileHandle, open, readdir, realpath } from 'node:fs/promises';
import { isAbsolute, join, parse, relative, resolve, sep } from 'node:path';
import { z } from 'zod';
import type { JsonObject } from '../agent/json.ts';
import type { Tool, ToolOutcome } from '../agent/tool.ts';
import { defineMiddleware } from './definition.ts';
import { globSource } from './glob.ts';
import { options } from './options.ts';
import { openSearch, type Search, SearchError } from './search-thread.ts';

const config = options({
  root_path: z
    .string()
    .refine((path) => isAbsolute(path) && resolve(path) !== parse(resolve(path)).root, {
      error: 'Write the absolute path of a folder, and not of the whole disk.',
    })
    .optional()
    .describe(
      'The folder that models may search, with all that is in it. Absent: there is nothing to search.',
    ),
  use_ripgrep: z
    .literal(false, { error: 'Only false: the bot searches by itself and starts no program.' })
    .default(false)
    .describe('The bot searches by itself.'),
  max_file_size_mb: z.number().positive().max(100).default(10).describe('Larger files are not looked into.'),
});

/** Lets models find files of one folder by name and by what is in them. Nothing hidden, and no link, is followed. */
export const fileSearch = defineMiddleware({
  name: 'FilesystemFileSearchMiddleware',
  description: 'Lets models search the files of one folder, by name and by content.',
  priority: 72,
  config,
  build: ({ root_path: root, max_file_size_mb: megabytes }) => {
    if (root === undefined) return {};
    return { tools: [globTool(root), grepTool(root, megabytes * 1_000_000)] };
  },
});

const mostFiles = 20_000;
const mostPaths = 200;
const mostLines = 200;
const mostBytes = 200_000_000;

const common = { source: 'bot', effect: 'read' } as const;
const pathSchema = {
  type: 'string',
  description: 'A folder in which to search, such as "logs/app". Absent: all.',
};

function globTool(root: string): Tool {
  return {
    ...common,
    name: 'glob_search',
    sourceName: 'glob_search',
    description: `Finds files by name, such as "**/*.log". Gives at most ${mostPaths} paths.`,
    inputSchema: {
      type: 'object',
      properties: { pattern: { type: 'string', description: 'With *, **, ? and {a,b}.' }, path: pathSchema },
      required: ['pattern'],
    },
    run: (args, signal) =>
      answering(async () => {
        using search = openSearch(signal);
        const found = await filesIn(root, args, { wanted: String(args.pattern ?? ''), search, signal });
        return listed(
          found.map(({ shown }) => shown),
          mostPaths,
        );
      }),
  };
}

function grepTool(root: string, largest: number): Tool {
  return {
    ...common,
    name: 'grep_search',
    sourceName: 'grep_search',
    description: `Finds the files that hold a text, by a regular expression in any case. Gives at most ${mostLines} lines.`,
    inputSchema: {
      type: 'object',
      properties: {
        pattern: {
          type: 'string',
          description: 'A regular expression, without lookaround and backreferences.',
        },
        path: pathSchema,
        include: { type: 'string', description: 'Only files of such names, such as "*.{ts,js}".' },
        output_mode: {
          type: 'string',
          enum: ['files_with_matches', 'content', 'count'],
          description: 'Only the paths (the default), the lines, or how many there are.',
        },
      },
      required: ['pattern'],
    },
    run: (args, signal) =>
      answering(async () => {
        using search = openSearch(signal);
        const text = patternSchema.parse(args.pattern);
        const problem = await search.problem(text);
        if (problem !== undefined) return failed(problem);
        const mode = modes.parse(args.output_mode ?? 'files_with_matches');
        const include = args.include === undefined ? '' : String(args.include);
        const wanted = include === '' ? '**' : include.includes('/') ? include : `**/${include}`;
        const files = await filesIn(root, args, { wanted, search, signal });
        return await grep(files, { text, search, mode, largest, signal });
      }),
  };
}

const patternSchema = z.string().min(1).max(2000);
const modes = z.enum(['files_with_matches', 'content', 'count']);

interface Found {
  readonly path: string;
  /** From the root, with slashes. */
  readonly shown: string;
}

/** What a model asked for wrongly is its to mend; an abort passes. */
async function answering(search: () => Promise<ToolOutcome>): Promise<ToolOutcome> {
  try {
    return await search();
  } catch (error) {
    if (error instanceof SearchError) return failed(error.message);
    if (error instanceof z.ZodError) return failed(z.prettifyError(error));
    throw error;
  }
}

interface Wanted {
  /** As a glob, from where the search begins. */
  readonly wanted: string;
  readonly search: Search;
  readonly signal: AbortSignal;
}

/** The files below a folder of the root whose paths are wanted, in order. Links and hidden names are passed over. */
async function filesIn(
  root: string,
  { path }: JsonObject,
  { wanted, search, signal }: Wanted,
): Promise<readonly Found[]> {
  const home = await realpath(root).catch(() => {
    throw new SearchError('The folder that may be searched is not there.');
  });
  const start = await folderIn(home, typeof path === 'string' ? path : '');
  const found: Found[] = [];
  const folders = [start];
  let seen = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    signal.throwIfAborted();
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    const below: string[] = [];
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      seen += 1;
      if (seen > mostFiles)
        throw new SearchError(
          `There are more than ${mostFiles} files; search in one folder of it, with path.`,
        );
      if (entry.name.startsWith('.')) continue;
      const whole = join(folder, entry.name);
      if (entry.isDirectory()) below.push(whole);
      if (entry.isFile()) found.push({ path: whole, shown: shownFrom(home, whole) });
    }
    folders.push(...below.reverse());
  }
  const names = found.map(({ path: whole }) => shownFrom(start, whole));
  const meant = await search.which(globSource(wanted), names);
  return meant.flatMap((at) => found[at] ?? []).sort((a, b) => (a.shown < b.shown ? -1 : 1));
}

/** A folder of the root by the path that a model gave. A link that leads out of it, and a hidden name, is refused. */
async function folderIn(home: string, path: string): Promise<string> {
  const outside = new SearchError('There is no such folder in what may be searched.');
  const wanted = resolve(home, path.replace(/^\/+/, ''));
  const real = await realpath(wanted).catch(() => {
    throw outside;
  });
  const inside = relative(home, real);
  const parts = inside.split(sep);
  if (isAbsolute(inside) || parts.some((part) => part.startsWith('.'))) throw outside;
  return real;
}

function shownFrom(home: string, path: string): string {
  return relative(home, path).split(sep).join('/');
}

interface Grep {
  /** A regular expression. */
  readonly text: string;
  readonly search: Search;
  readonly mode: z.infer<typeof modes>;
  readonly largest: number;
  readonly signal: AbortSignal;
}

async function grep(
  files: readonly Found[],
  { text: source, search, mode, largest, signal }: Grep,
): Promise<ToolOutcome> {
  const lines: string[] = [];
  let bytes = 0;
  for (const file of files) {
    signal.throwIfAborted();
    if (lines.length > mostLines) break;
    const text = await readText(file.path, largest);
    if (text === undefined) continue;
    bytes += text.length;
    if (bytes > mostBytes)
      return listed([...lines, '(There is more to read; search in one folder, with path.)'], mostLines);
    const most = mode === 'files_with_matches' ? 1 : mostLines;
    const matches = await search.lines(source, { text, most });
    if (matches.length === 0) continue;
    if (mode === 'content') lines.push(...matches.map(({ at, line }) => `${file.shown}:${at}:${line}`));
    else lines.push(mode === 'count' ? `${file.shown}:${matches.length}` : file.shown);
  }
  return listed(lines, mostLines);
}

/** Undefined: too large, not text, or gone. What became a link since it was listed is not opened. */
async function readText(path: string, largest: number): Promise<string | undefined> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const about = await file.stat();
    if (!about.isFile() || about.size > largest) return undefined;
    const content = await file.readFile('utf8');
    return content.slice(0, 4096).includes('\0') ? undefined : content;
  } catch {
    return undefined;
  } finally {
    await file?.close();
  }
}

function listed(lines: readonly string[], most: number): ToolOutcome {
  if (lines.length === 0) return { text: 'Nothing was found.', isError: false };
  const more = lines.length > most ? `\n… and more than these ${most}. Search for less.` : '';
  return { text: lines.slice(0, most).join('\n') + more, isError: false };
}

function failed(text: string): ToolOutcome {
  return { text, isError: true };
}
