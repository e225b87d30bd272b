import { marked, type Token, type Tokens } from 'marked';

/** A piece of an answer that platforms draw in their own ways. */
export type Segment =
  | { readonly type: 'prose'; readonly text: string }
  | { readonly type: 'code'; readonly language: string; readonly code: string }
  | { readonly type: 'table'; readonly rows: readonly (readonly string[])[]; readonly source: string };

/** Takes an answer's Markdown apart: fenced code, tables, and what stands between. Nothing is lost. */
export function segmentsOf(markdown: string): readonly Segment[] {
  const segments: Segment[] = [];
  let prose = '';
  const flush = () => {
    const text = prose.replace(/^\s*\n/, '').trimEnd();
    if (text !== '') segments.push({ type: 'prose', text });
    prose = '';
  };
  for (const token of marked.lexer(markdown)) {
    const segment = segmentOf(token);
    if (segment === undefined) {
      prose += token.raw;
      continue;
    }
    flush();
    segments.push(segment);
  }
  flush();
  return segments;
}

/** Undefined: prose. */
function segmentOf(token: Token): Segment | undefined {
  if (isFenced(token)) return { type: 'code', language: token.lang?.split(/\s/)[0] ?? '', code: token.text };
  if (!isTable(token)) return undefined;
  const rows = [token.header, ...token.rows].map((row) => row.map((cell) => cell.text));
  return { type: 'table', rows, source: token.raw.trimEnd() };
}

function isFenced(token: Token): token is Tokens.Code {
  return token.type === 'code' && token.codeBlockStyle !== 'indented';
}

function isTable(token: Token): token is Tokens.Table {
  return token.type === 'table';
}

/** A code block whose fence is longer than any in the code, so that nothing breaks out of it. */
export function fenced(code: string, language = ''): string {
  const longest = Math.max(2, ...[...code.matchAll(/`+/g)].map((match) => match[0].length));
  const mark = '`'.repeat(longest + 1);
  return `${mark}${language}\n${code}\n${mark}`;
}

/** A text in pieces of at most so many characters, cut where paragraphs, lines or words end. */
export function piecesOf(text: string, max: number): readonly string[] {
  const pieces: string[] = [];
  let rest = text;
  while (rest.length > max) {
    const window = rest.slice(0, max);
    const cut =
      [window.lastIndexOf('\n\n'), window.lastIndexOf('\n'), window.lastIndexOf(' ')].find(
        (at) => at > max / 2,
      ) ?? max;
    const whole = /[\uD800-\uDBFF]$/.test(rest.slice(0, cut)) ? cut - 1 : cut;
    pieces.push(rest.slice(0, whole).trimEnd());
    rest = rest.slice(whole).replace(/^\n+| /, '');
  }
  return rest === '' ? pieces : [...pieces, rest];
}
