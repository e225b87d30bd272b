/** A piece of a command line. */
export type Token =
  | { readonly type: 'word'; readonly text: string; readonly isQuoted: boolean }
  | { readonly type: 'pair'; readonly key: string; readonly text: string; readonly isQuoted: boolean };

/** One that is no pair. */
export type Word = Extract<Token, { readonly type: 'word' }>;

/** A command line in pieces, or what is wrong with it. */
export type Tokens =
  | { readonly ok: true; readonly tokens: readonly Token[] }
  | { readonly ok: false; readonly problem: string };

const pairStart = /^([A-Za-z_][\w.-]*)=/;
const closing: Readonly<Record<string, string>> = { '{': '}', '[': ']' };
/** What closes each quote; phones and word processors write others than keyboards. */
const quotes: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  '“': '”“"',
  '„': '“”"',
  '”': '”"',
  '‘': "’'",
};

/**
 * Words and `name=value` pairs. Quotes, double or single, keep spaces together, `\` before a quote keeps
 * it; a value that begins with a bracket goes to its other end, so that JSON can be written as it is.
 */
export function tokensOf(line: string): Tokens {
  const text = line.trim();
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text.charAt(at))) {
      at += 1;
      continue;
    }
    const key = pairStart.exec(text.slice(at, at + longestKey))?.[1];
    const from = key === undefined ? at : at + key.length + 1;
    const read = readValue(text, from);
    if (read === undefined) return { ok: false, problem: `Something is not closed: ${text.charAt(from)}` };
    tokens.push(
      key === undefined
        ? { type: 'word', text: read.text, isQuoted: read.isQuoted }
        : { type: 'pair', key, text: read.text, isQuoted: read.isQuoted },
    );
    at = read.end;
  }
  return { ok: true, tokens };
}

const longestKey = 120;

interface Read {
  readonly text: string;
  readonly isQuoted: boolean;
  readonly end: number;
}

/** Undefined: a quote or a bracket is not closed. */
function readValue(text: string, from: number): Read | undefined {
  const first = text.charAt(from);
  // An apostrophe at the start of a word may be one: it quotes only where it is closed.
  if (first === "'" || first === '‘') return readQuoted(text, from) ?? readBare(text, from);
  if (quotes[first] !== undefined) return readQuoted(text, from);
  return closing[first] === undefined ? readBare(text, from) : readBracket(text, from);
}

function readBare(text: string, from: number): Read {
  const end = /\s/.exec(text.slice(from))?.index ?? text.length - from;
  return { text: text.slice(from, from + end), isQuoted: false, end: from + end };
}

function readQuoted(text: string, from: number): Read | undefined {
  const ends = quotes[text.charAt(from)] ?? '';
  let read = '';
  for (let at = from + 1; at < text.length; at += 1) {
    const letter = text.charAt(at);
    const next = text.charAt(at + 1);
    if (letter === '\\' && next !== '' && (ends.includes(next) || next === '\\')) {
      read += next;
      at += 1;
    } else if (ends.includes(letter)) {
      return { text: read, isQuoted: true, end: at + 1 };
    } else {
      read += letter;
    }
  }
  return undefined;
}

/** To the bracket that closes the first one; brackets within texts of JSON do not count. */
function readBracket(text: string, from: number): Read | undefined {
  const open: string[] = [];
  let inText = false;
  for (let at = from; at < text.length; at += 1) {
    const letter = text.charAt(at);
    if (inText) {
      if (letter === '\\') at += 1;
      else if (letter === '"') inText = false;
      continue;
    }
    if (letter === '"') inText = true;
    const close = closing[letter];
    if (close !== undefined) open.push(close);
    else if (letter === open.at(-1)) open.pop();
    if (open.length === 0) return { text: text.slice(from, at + 1), isQuoted: false, end: at + 1 };
  }
  return undefined;
}

/** A word as it is written on a command line, in quotes where it needs them. */
export function quoted(text: string): string {
  if (text === '') return '""';
  const isPlain = /^[^\s"'“”„‘’{}[\]\\=]+$/.test(text);
  return isPlain ? text : `"${text.replaceAll(/["\\]/g, (letter) => `\\${letter}`)}"`;
}
