/** A piece of an answer that Slack draws in its own way. */
export type Segment =
  | { readonly type: 'prose'; readonly text: string }
  | { readonly type: 'code'; readonly language: string; readonly code: string }
  | { readonly type: 'table'; readonly rows: readonly (readonly string[])[]; readonly source: string };

const fence = /^( {0,3})(`{3,}|~{3,})[ \t]*([^`\s]*)[^`]*$/;
const divider = /^ {0,3}\|?[ \t]*:?-+:?[ \t]*(\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;

/** Takes an answer's Markdown apart: fenced code, tables, and what stands between. Nothing is lost. */
export function segmentsOf(markdown: string): readonly Segment[] {
  const lines = markdown.replaceAll('\r\n', '\n').split('\n');
  const segments: Segment[] = [];
  let prose: string[] = [];
  const flush = () => {
    const text = prose.join('\n').trim();
    if (text !== '') segments.push({ type: 'prose', text });
    prose = [];
  };
  for (let at = 0; at < lines.length; ) {
    const found = codeAt(lines, at) ?? tableAt(lines, at);
    if (found === undefined) {
      prose.push(lines[at] ?? '');
      at += 1;
      continue;
    }
    flush();
    segments.push(found.segment);
    at = found.next;
  }
  flush();
  return segments;
}

interface Found {
  readonly segment: Segment;
  readonly next: number;
}

/** A fence that nobody closed reaches to the end. */
function codeAt(lines: readonly string[], at: number): Found | undefined {
  const opening = fence.exec(lines[at] ?? '');
  if (opening === null) return undefined;
  const [, , mark = '', language = ''] = opening;
  const closing = new RegExp(`^ {0,3}${mark[0] === '~' ? '~' : '`'}{${mark.length},}[ \\t]*$`);
  const end = lines.findIndex((line, n) => n > at && closing.test(line));
  const last = end === -1 ? lines.length : end;
  return { segment: { type: 'code', language, code: lines.slice(at + 1, last).join('\n') }, next: last + 1 };
}

function tableAt(lines: readonly string[], at: number): Found | undefined {
  const head = lines[at] ?? '';
  if (!head.includes('|') || !divider.test(lines[at + 1] ?? '') || !(lines[at + 1] ?? '').includes('-'))
    return undefined;
  const header = cellsOf(head);
  if (header.length !== cellsOf(lines[at + 1] ?? '').length) return undefined;
  let next = at + 2;
  while (next < lines.length && (lines[next] ?? '').includes('|') && (lines[next] ?? '').trim() !== '')
    next += 1;
  const body = lines.slice(at + 2, next).map(cellsOf);
  const rows = [header, ...body].map((row) => header.map((_cell, n) => row[n] ?? ''));
  return { segment: { type: 'table', rows, source: lines.slice(at, next).join('\n') }, next };
}

/** The cells of a row; `\|` is a bar within one, and so is a bar within code. */
function cellsOf(line: string): readonly string[] {
  const cells: string[] = [];
  let cell = '';
  let inCode = false;
  for (let n = 0; n < line.length; n += 1) {
    const letter = line[n] ?? '';
    if (letter === '\\' && line[n + 1] === '|') {
      cell += '|';
      n += 1;
    } else if (letter === '|' && !inCode) {
      cells.push(cell.trim());
      cell = '';
    } else {
      if (letter === '`') inCode = !inCode;
      cell += letter;
    }
  }
  cells.push(cell.trim());
  const outer = line.trim();
  return cells.slice(
    outer.startsWith('|') ? 1 : 0,
    outer.endsWith('|') && !outer.endsWith('\\|') ? -1 : undefined,
  );
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
