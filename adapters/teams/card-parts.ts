import type { Json } from '../../src/chat/json.ts';
import { literal, plainInCard } from './safe-text.ts';

export const adaptiveCard = 'application/vnd.microsoft.card.adaptive';

export function cardOf(body: readonly Json[], actions: readonly Json[] = []): Json {
  return {
    type: 'AdaptiveCard',
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    version: '1.5',
    body,
    ...(actions.length === 0 ? {} : { actions }),
  };
}

/** For tables and charts: as wide as the conversation. */
export function wide(card: Json): Json {
  return { ...card, msteams: { width: 'Full' } };
}

export function attached(card: Json): Json {
  return { contentType: adaptiveCard, content: card };
}

/** A message that is a card. `summary` is what notifications say. */
export function cardMessage(card: Json, summary: string): Json {
  return { type: 'message', summary, attachments: [attached(card)] };
}

/** Markdown, as far as cards read it. */
export function textBlock(text: string, look: Json = {}): Json {
  return { type: 'TextBlock', text, wrap: true, ...look };
}

/** A text exactly as it is: no Markdown is read in it. */
export function plainBlock(text: string, look: Json = {}): Json {
  return richBlock([run(text, look)]);
}

export function richBlock(inlines: readonly Json[]): Json {
  return { type: 'RichTextBlock', inlines };
}

export function run(text: string, look: Json = {}): Json {
  return { type: 'TextRun', text: literal(text) || ' ', ...look };
}

/** Letters of one width on all clients; indentation stays. */
export function monospaced(code: string): Json {
  const lines = code.replaceAll('\t', '    ').replace(/^ +/gm, (spaces) => '\u00a0'.repeat(spaces.length));
  return plainBlock(lines, { fontType: 'Monospace', size: 'Small' });
}

export function quiet(text: string): Json {
  return plainBlock(text, { isSubtle: true, size: 'Small' });
}

/** A time as its reader has it, in a text block. https://learn.microsoft.com/adaptive-cards/authoring-cards/text-features: without parts of seconds. */
export function inReadersTime(iso: string): string {
  const ms = Date.parse(iso);
  if (Number.isNaN(ms)) return plainInCard(iso);
  const time = `${new Date(ms).toISOString().slice(0, 19)}Z`;
  return `{{DATE(${time}, SHORT)}}, {{TIME(${time})}}`;
}

/**
 * A button of which the bot hears as an invoke; old clients send the same as a message. `data` must not
 * have the key `verb`.
 */
export function execute(title: string, verb: string, data: Json, look: Json = {}): Json {
  return {
    type: 'Action.Execute',
    title,
    verb,
    data,
    ...look,
    fallback: { type: 'Action.Submit', title, data: { ...data, verb }, ...look },
  };
}

/** A button that opens a dialog: Teams asks for it by `task/fetch`. */
export function opensDialog(title: string, verb: string, data: Json, look: Json = {}): Json {
  return {
    type: 'Action.Submit',
    title,
    data: { ...data, verb, msteams: { type: 'task/fetch' } },
    ...look,
  };
}

/** What a task module's `continue` shows. */
export interface Dialog {
  readonly title: string;
  readonly card: Json;
  readonly width: 'small' | 'medium' | 'large';
  readonly height: 'small' | 'medium' | 'large';
}

export function dialogOf(title: string, card: Json, size: Pick<Dialog, 'width' | 'height'>): Dialog {
  return { title, card: attached(card), ...size };
}

/** A dialog that says something, and no more. */
export function sayingDialog(title: string, words: string): Dialog {
  return dialogOf(title, cardOf([plainBlock(words)]), { width: 'medium', height: 'small' });
}
