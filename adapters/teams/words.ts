import { at, type Json, records, textOf } from '../../src/chat/json.ts';

/** An `<at>` within a message's text: it may carry attributes, and never holds another. */
const tags = /<at\b[^>]*>(.*?)<\/at>/gs;
/** Where a client put a quotation; what is quoted is told elsewhere. */
const quotations = /<quoted\b[^>]*\/>\s*/g;

/** How somebody is written who is mentioned; the entity is undefined where a tag stands for nobody. */
export type Called = (name: string, mention: Json | undefined) => string;

const byName: Called = (name) => `@${name}`;

/**
 * The words of an activity as its author wrote them: the bot's own mention is gone, those of others are
 * names (or as `called` says), and entities are characters. A tag belongs to the bot by the entity that stands for it, not by the
 * name that it shows: others may be called like the bot.
 */
export function wordsOf(activity: Json, called: Called = byName): string {
  const botId = textOf(at(activity.recipient, 'id'));
  const mentions = mentionsOf(activity);
  const used = new Set<Json>();
  const words = textOf(activity.text)
    .replaceAll(quotations, '')
    .replaceAll(tags, (tag: string, name: string) => {
      const mention = mentions.find((entity) => !used.has(entity) && isOf(entity, tag, name));
      if (mention !== undefined) used.add(mention);
      const isBot = textOf(at(mention, 'mentioned', 'id')) === botId && botId !== '';
      return isBot ? '' : called(name, mention);
    });
  return decoded(words)
    .replaceAll(/[ \t]{2,}/g, ' ')
    .replaceAll(/ *\n */g, '\n')
    .trim();
}

/** Whether somebody names the bot, by its id. */
export function isMentioned(activity: Json): boolean {
  const botId = textOf(at(activity.recipient, 'id'));
  return botId !== '' && mentionsOf(activity).some((entity) => at(entity, 'mentioned', 'id') === botId);
}

/** The entities of those whom an activity mentions. */
export function mentionsOf(activity: Json): readonly Json[] {
  return records(activity.entities).filter(({ type }) => type === 'mention');
}

function isOf(entity: Json, tag: string, name: string): boolean {
  const text = textOf(entity.text);
  return text === tag || text.replaceAll(tags, '$1') === name;
}

const named: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
};

/** Entities of HTML as characters, once. */
export function decoded(text: string): string {
  return text.replaceAll(/&(#x[0-9a-f]{1,6}|#\d{1,7}|[a-z]{2,4});/gi, (whole: string, code: string) => {
    if (!code.startsWith('#')) return named[code.toLowerCase()] ?? whole;
    const point = /^#x/i.test(code) ? Number.parseInt(code.slice(2), 16) : Number(code.slice(1));
    return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point).toWellFormed() : whole;
  });
}

/** HTML as plain text, for what Teams tells in HTML alone. */
export function plainText(html: string): string {
  const lines = html.replaceAll(/<(br|\/p|\/div|\/li)\b[^>]*>/gi, '\n').replaceAll(/<[^>]*>/g, '');
  return decoded(lines)
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
}
