/** Invisible, and of no width: stands where two characters would mean something to Teams. */
const joiner = '\u2060';

/**
 * What every reader of Markdown takes for code: on one line, and not begun by a backtick that is escaped. What
 * others may take for code as well is treated as prose, so that nothing comes to life within it.
 */
const codeSpan = /(?<![`\\])(`+)(?!`)([^\n]*?[^`\n])\1(?!`)/g;
const mention = /<(?=\/?at\b)/gi;
const broadcast = /@(?=(?:everyone|channel|team|here)\b)/gi;
const autolink = /<((?:https?:\/\/|mailto:)[^\s<>]+)>/gi;
/** Where a link to anything but the web, a mailbox or a telephone begins. */
const oddLink = /\](?=\((?!\s*<?(?:https?:|mailto:|tel:)))/gi;
/** A link's address apart from its words: not all clients know it, and so it is shown. */
const definition = /^( {0,3}\[[^\][\n]+\])(?=:)/gm;

/**
 * Prose of a model as a message's Markdown. It pings nobody and holds no HTML; pictures become links,
 * because clients fetch pictures by themselves and so would tell others what stands in their address.
 */
export function safeProse(markdown: string): string {
  return outsideCode(markdown, (text) => withoutMarkup(text).replaceAll('<', '&lt;'));
}

/** The same for a card's text, which knows no HTML and no entities of it. */
export function safeCardText(markdown: string): string {
  return outsideCode(markdown, withoutMarkup).replace(mention, `<${joiner}`).replaceAll('{{', `{${joiner}{`);
}

/** Code stays as it is, but for what Teams takes for a mention even there. */
export function safeCode(code: string): string {
  return code.replace(mention, `<${joiner}`);
}

/**
 * A text as it is, for where a card reads no Markdown. What turns the reading around or is no character of a
 * text is left out; `{{DATE(…)}}` is no date.
 */
export function literal(text: string): string {
  return safeCode(text.replace(turning, '')).replaceAll('{{', `{${joiner}{`);
}

/** Control characters but line breaks and tabs, and those that embed or override a direction. */
const turning = /(?![\n\t])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu;

/** A call that people decide about: what cannot be seen in it is written as JSON writes it, by its number. */
export function visible(text: string): string {
  return text.replace(/(?![\n\t])[\p{Cc}\p{Cf}]/gu, byNumber);
}

function byNumber(character: string): string {
  return Array.from({ length: character.length }, (_unused, n) => character.charCodeAt(n))
    .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
    .join('');
}

/** A name or a sentence for where a card reads Markdown: shown as it is written. */
export function plainInCard(text: string): string {
  return literal(text).replace(/[\\`*_[\]~]/g, (mark) => `\\${mark}`);
}

function outsideCode(markdown: string, change: (text: string) => string): string {
  let changed = '';
  let from = 0;
  for (const match of markdown.matchAll(codeSpan)) {
    changed += change(markdown.slice(from, match.index)) + safeCode(match[0]);
    from = match.index + match[0].length;
  }
  return changed + change(markdown.slice(from));
}

function withoutMarkup(text: string): string {
  return text
    .replaceAll('![', '[')
    .replace(oddLink, `]${joiner}`)
    .replace(definition, `$1${joiner}`)
    .replace(autolink, '$1')
    .replace(broadcast, `@${joiner}`);
}
