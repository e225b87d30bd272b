import { isRecord, type Json, records, textOf } from '../../src/chat/json.ts';

/** How people and channels are called, for texts. */
export interface Names {
  user(id: string): string;
  channel(id: string): string;
}

const special = /<([@#!]?)([^>|]*)(?:\|([^>]*))?>/g;

/** A text of Slack as people read it: names for ids, plain links, no escapes. The bot's own mention is left out. */
export function plainText(text: string, names: Names, botUser = ''): string {
  const read = text.replace(special, (_whole, kind: string, id: string, label: string | undefined) => {
    if (kind === '@') return id === botUser ? '' : `@${names.user(id)}`;
    if (kind === '#') return `#${label === undefined || label === '' ? names.channel(id) : label}`;
    if (kind === '!') return label ?? `@${id.split('^')[0] ?? ''}`;
    return label === undefined || label === id ? id : `${label} (${id})`;
  });
  return read.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&').trim();
}

/** The ids of people in a text. */
export function usersIn(text: string): readonly string[] {
  return [...text.matchAll(/<@([A-Z0-9]+)(?:\|[^>]*)?>/g)].map((match) => match[1] ?? '');
}

/** The ids of channels that a text names without their names. */
export function channelsIn(text: string): readonly string[] {
  return [...text.matchAll(/<#([A-Z0-9]+)(?:\|)?>/g)].map((match) => match[1] ?? '');
}

/** Everything that a message says: its text, its blocks where it has no text, its attachments. */
export function wordsOf(message: Json): string {
  const own = textOf(message.text).trim();
  const parts = [
    own,
    own === '' ? blocksText(message.blocks) : '',
    ...records(message.attachments).map(attachmentText),
  ];
  const blocks = own !== '' && message.bot_id !== undefined ? blocksText(message.blocks) : '';
  if (blocks !== '' && !own.includes(blocks) && !blocks.startsWith(own)) parts.splice(1, 0, blocks);
  return parts.filter((part) => part !== '').join('\n');
}

function attachmentText(attachment: Json): string {
  const fields = records(attachment.fields).map((field) => `${textOf(field.title)}: ${textOf(field.value)}`);
  const said = [attachment.pretext, attachment.title, attachment.title_link, attachment.text].map(textOf);
  const parts = [...said, ...fields, blocksText(attachment.blocks), textOf(attachment.footer)].filter(
    (part) => part !== '',
  );
  return parts.length === 0 ? textOf(attachment.fallback) : parts.join('\n');
}

/** All texts within blocks, in order. */
function blocksText(blocks: unknown): string {
  const found: string[] = [];
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(walk);
    if (!isRecord(value)) return;
    if (typeof value.text === 'string') found.push(value.text);
    for (const [name, inner] of Object.entries(value))
      if (name !== 'accessory' && typeof inner === 'object') walk(inner);
  };
  walk(blocks);
  return found.join('\n').trim();
}
