import { pagesOf } from './pages.ts';
import { sizes } from './sizes.ts';
import { sourcesHeading } from './sources.ts';

/**
 * What of a growing answer can be shown already. It only grows, and the text of the first message of the
 * whole answer begins with it; so a stream can end with that message.
 */
export function growingText(markdown: string): string {
  const stable = markdown.slice(0, stableLength(markdown));
  const heading = withoutCode(stable).search(sourcesHeading);
  const [first] = pagesOf(heading === -1 ? stable : stable.slice(0, heading)).pages;
  const text = (first?.text ?? '').slice(0, sizes.text - sizes.paragraph);
  const last = text.lastIndexOf('\n\n') + 1;
  const shown = text.slice(0, last + sizes.paragraph / 2);
  return (shown === text ? text : beforeOpenSpan(shown)).trimEnd();
}

/** Up to a span of code that a cut left open: what stands in it would come to life. */
function beforeOpenSpan(text: string): string {
  const line = text.lastIndexOf('\n') + 1;
  const masked = text.slice(line).replace(/`[^`]+`/g, (whole) => ' '.repeat(whole.length));
  const open = masked.indexOf('`');
  return open === -1 ? text : text.slice(0, line + open);
}

/** Where a growing answer's safe beginning ends: what follows may still come to mean something else. */
function stableLength(markdown: string): number {
  const { open, end } = fencesOf(markdown);
  if (open !== undefined) return open;
  const lastBreak = Math.max(end, markdown.lastIndexOf('\n') + 1);
  const table = tableStart(markdown, end, lastBreak);
  if (table !== undefined) return table;
  const line = markdown.slice(lastBreak);
  if (/^\s*(?:[#~]|[-*_=+>]*\s*$|\d+[.)]?\s*$)/.test(line)) return lastBreak;
  if (mayBeSources(line)) return lastBreak;
  const masked = line.replace(/`[^`]+`|\[[^\][]*\]\([^()]*\)/g, (whole) => ' '.repeat(whole.length));
  const unsafe = masked.search(/[`<![@|]|&\w*$/);
  return unsafe === -1 ? markdown.length : lastBreak + unsafe;
}

/** The same with blanks for closed blocks of code. */
function withoutCode(markdown: string): string {
  return markdown.replace(/^ {0,3}(`{3,}|~{3,})[\s\S]*?^ {0,3}\1/gm, (whole) => ' '.repeat(whole.length));
}

/** The line above a list of sources, or its beginning. */
function mayBeSources(line: string): boolean {
  const word = line.replace(/[\s#*_:]+/g, '').toLowerCase();
  return ['sources', 'references'].some((heading) => heading.startsWith(word));
}

/** Where a code block begins that is not closed yet, and where the last closed one ends. */
function fencesOf(markdown: string): { readonly open: number | undefined; readonly end: number } {
  let open: { readonly mark: string; readonly at: number } | undefined;
  let end = 0;
  for (const match of markdown.matchAll(/^ {0,3}(`{3,}|~{3,})(.*)$/gm)) {
    const [whole, mark = '', rest = ''] = match;
    if (open === undefined) open = { mark, at: match.index };
    else if (
      mark.startsWith(open.mark) &&
      rest.trim() === '' &&
      match.index + whole.length < markdown.length
    ) {
      open = undefined;
      end = match.index + whole.length;
    }
  }
  return { open: open?.at, end };
}

/**
 * Where the lines with bars begin with which a growing answer ends. A line that begins with words was shown up
 * to its bar already.
 */
function tableStart(markdown: string, from: number, lastBreak: number): number | undefined {
  let start: number | undefined;
  let end = lastBreak;
  while (end > from) {
    const begin = Math.max(from, markdown.lastIndexOf('\n', end - 2) + 1);
    const line = markdown.slice(begin, end);
    if (!line.includes('|')) break;
    start = /^\s*\|/.test(line) ? begin : begin + line.indexOf('|');
    end = begin;
  }
  return start;
}
