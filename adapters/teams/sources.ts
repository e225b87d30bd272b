import { clipped } from '../../src/chat/clipped.ts';
import type { Json } from '../../src/chat/json.ts';
import type { Reply } from '../../src/chat/reply.ts';

/** Something an answer is based on, as its list of sources names it. */
export interface Source {
  readonly position: number;
  readonly name: string;
  readonly url: string;
  readonly about: string;
}

/** The line above a list of sources. */
export const sourcesHeading =
  /^[ \t]*(?:#{1,6}[ \t]+)?[*_]*(?:sources|references)\b[*_]*[ \t]*:?[*_]*[ \t]*$/gim;

const item = /^[ \t]*(?:[-*+]|\[?(\d{1,2})\]?[.):]?)[ \t]+(.+)$/;
const link = /\[([^\]\n]+)\]\((https?:\/\/[^\s)]+)[^)]*\)/;
const most = 20;

/**
 * Finds a list of linked sources with which an answer ends, and numbers it as Teams' citations are: `[1]`.
 * An answer without such a list stays as it is.
 */
export function sourcesOf(markdown: string): {
  readonly markdown: string;
  readonly sources: readonly Source[];
} {
  const none = { markdown, sources: [] };
  const heading = [...markdown.matchAll(sourcesHeading)].at(-1);
  if (heading === undefined) return none;
  const end = heading.index + heading[0].length;
  const lines = markdown
    .slice(end)
    .split('\n')
    .filter((line) => line.trim() !== '');
  const sources = lines.flatMap((line, n) => sourceIn(line, n + 1) ?? []);
  const positions = new Set(sources.map(({ position }) => position));
  if (sources.length === 0 || sources.length !== lines.length || positions.size !== lines.length) return none;
  const listed = lines.map((line, n) => `- [${sources[n]?.position}] ${item.exec(line)?.[2] ?? ''}`);
  return { markdown: `${markdown.slice(0, end)}\n${listed.join('\n')}`, sources: sources.slice(0, most) };
}

/** An answer that lists no sources itself, with those that its tools pointed to below it. */
export function withSources({ text, sources = [] }: Reply): string {
  if (sources.length === 0 || sourcesOf(text).sources.length > 0) return text;
  const lines = sources.map(({ title, url }) => `- [${bare(title)}](${addressOf(url)})`);
  return `${text}\n\nSources:\n${lines.join('\n')}`;
}

function bare(title: string): string {
  return title.replaceAll(/[[\]\\`*_<>]/g, ' ');
}

function addressOf(url: string): string {
  return new URL(url).href.replaceAll('(', '%28').replaceAll(')', '%29');
}

function sourceIn(line: string, place: number): Source | undefined {
  const [, number, words = ''] = item.exec(line) ?? [];
  const [whole = '', name = '', url = ''] = link.exec(words) ?? [];
  if (!URL.canParse(url)) return undefined;
  const rest = words.replace(whole, '').replace(/^[\s:–—,.-]+/, '');
  const position = number === undefined ? place : Number(number);
  return { position, name, url, about: rest === '' ? new URL(url).host : rest };
}

/** The citations of the sources whose marks stand in a text. */
export function citationsIn(text: string, sources: readonly Source[]): readonly Json[] {
  return sources
    .filter(({ position }) => text.includes(`[${position}]`))
    .map(({ position, name, url, about }) => ({
      '@type': 'Claim',
      position,
      appearance: {
        '@type': 'DigitalDocument',
        name: clipped(name, 80),
        url,
        abstract: clipped(about, 160),
      },
    }));
}
