import { at, isRecord, type Json, records, textOf } from '../../src/chat/json.ts';
import { type Kind, kindOf } from './references.ts';
import type { Conversation } from './thread-id.ts';
import { isMentioned, plainText, wordsOf } from './words.ts';

/** A file that came with a message. */
export interface SharedFile {
  readonly name: string;
  /** The type that Teams says, or the ending of the name. */
  readonly type: string;
  readonly url: string;
  /** It stands within the words. */
  readonly isImage: boolean;
}

/** A message that this one answers. */
export interface Quote {
  readonly by: string;
  readonly text: string;
}

/** A person's message, as an activity told of it. */
export interface Heard {
  readonly conversation: Conversation;
  readonly kind: Kind;
  readonly isMention: boolean;
  /** `29:…` */
  readonly userId: string;
  /** Empty where Teams does not say. */
  readonly aadObjectId: string;
  readonly name: string;
  readonly id: string;
  /** It stands in a channel's thread and does not begin it. */
  readonly isReply: boolean;
  readonly text: string;
  readonly quote?: Quote;
  readonly files: readonly SharedFile[];
  /** Cards and other things that the bot does not read, by their types. */
  readonly unread: readonly string[];
  /** Keys of repeated deliveries. */
  readonly keys: readonly string[];
}

/** What a `message` says. Undefined: nobody's words, the bot's own, or another bot's. */
export function heardOf(activity: Json): Heard | undefined {
  const where = conversationOf(activity);
  const [id, userId] = [textOf(activity.id), textOf(at(activity.from, 'id'))];
  if (where === undefined || id === '' || !isPerson(activity)) return undefined;
  const kind = kindOf(where.id, textOf(at(activity.conversation, 'conversationType')));
  const root = where.id.split(';messageid=')[1];
  // A message of a channel always stands in a thread, its own or another's.
  const begins = kind === 'channel' && root === undefined;
  const conversation = begins ? { ...where, id: `${where.id};messageid=${id}` } : where;
  const quote = quoteOf(activity);
  return {
    ...{ conversation, kind, userId, id },
    isMention: isMentioned(activity),
    aadObjectId: textOf(at(activity.from, 'aadObjectId')),
    name: textOf(at(activity.from, 'name')),
    isReply: root !== undefined && root !== id,
    text: wordsOf(activity),
    files: filesOf(activity),
    unread: unreadOf(activity),
    keys: [messageKey(conversation, id)],
    ...(quote === undefined ? {} : { quote }),
  };
}

/** What a person made of a message: an edit carries its time, so that it is no repetition. */
export function editOf(activity: Json): Heard | undefined {
  const heard = heardOf(activity);
  const edit = textOf(at(activity.channelData, 'eventType')) || 'edit';
  const when = textOf(activity.timestamp) || textOf(activity.localTimestamp);
  if (heard === undefined) return undefined;
  return { ...heard, keys: [`${messageKey(heard.conversation, heard.id)}:${edit}:${when}`] };
}

/** The key that all deliveries of a message share. */
export function messageKey({ tenant, id }: Conversation, messageId: string): string {
  return `teams:${tenant}:${id}:${messageId}`;
}

/** Undefined: the activity does not say where it happened. An anonymous bot may hear of no tenant. */
export function conversationOf(activity: Json): Conversation | undefined {
  const id = textOf(at(activity.conversation, 'id'));
  if (id === '') return undefined;
  return { tenant: tenantsOf(activity)[0] ?? 'unknown', id };
}

/** Every tenant that an activity names, lower case: where the conversation is, and where it was said. */
export function tenantsOf(activity: Json): readonly string[] {
  return [at(activity.conversation, 'tenantId'), at(activity.channelData, 'tenant', 'id')]
    .map((tenant) => textOf(tenant).toLowerCase())
    .filter((tenant) => tenant !== '');
}

/** Bots are called `28:…`; what Teams itself does has the conversation or the tenant for a sender. */
function isPerson(activity: Json): boolean {
  const id = textOf(at(activity.from, 'id'));
  if (id === '' || id === textOf(at(activity.recipient, 'id')) || id.startsWith('28:')) return false;
  return !['bot', 'skill'].includes(textOf(at(activity.from, 'role')).toLowerCase());
}

const downloadInfo = 'application/vnd.microsoft.teams.file.download.info';

/** Shared files, and images within the words. */
export function filesOf(activity: Json): readonly SharedFile[] {
  return records(activity.attachments).flatMap((attachment): readonly SharedFile[] => {
    const [contentType, contentUrl] = [textOf(attachment.contentType), textOf(attachment.contentUrl)];
    const name = textOf(attachment.name);
    if (contentType === downloadInfo) {
      const type = textOf(at(attachment.content, 'fileType'));
      const url = textOf(at(attachment.content, 'downloadUrl'));
      return [{ name: name || 'file', type, url, isImage: false }];
    }
    if (!contentType.startsWith('image/') || contentUrl === '') return [];
    return [{ name: name || 'image', type: contentType, url: contentUrl, isImage: true }];
  });
}

/** The html repeats the words, and quotations are read apart. */
const silent = new Set(['text/html', 'messageReference', downloadInfo]);

function unreadOf(activity: Json): readonly string[] {
  return records(activity.attachments)
    .map(({ contentType }) => textOf(contentType))
    .filter((type) => type !== '' && !silent.has(type) && !type.startsWith('image/'));
}

/** Teams tells of a quotation in one of three ways, by the client and by its age. */
function quoteOf(activity: Json): Quote | undefined {
  const quotes = [quotedReply(activity), reference(activity), blockquote(activity)];
  return quotes.find((quote) => quote !== undefined && quote.text !== '');
}

function quotedReply(activity: Json): Quote | undefined {
  const entity = records(activity.entities).find(({ type }) => type === 'quotedReply')?.quotedReply;
  if (!isRecord(entity) || entity.isReplyDeleted === true) return undefined;
  return { by: textOf(entity.senderName) || 'somebody', text: plainText(textOf(entity.preview)) };
}

function reference(activity: Json): Quote | undefined {
  const attachment = records(activity.attachments).find(
    ({ contentType }) => contentType === 'messageReference',
  );
  const content = parsed(attachment?.content);
  const name = textOf(at(content, 'messageSender', 'user', 'displayName'));
  return { by: name || 'somebody', text: plainText(textOf(at(content, 'messagePreview'))) };
}

function blockquote(activity: Json): Quote | undefined {
  const html = records(activity.attachments).find(({ contentType }) => contentType === 'text/html')?.content;
  const block = /<blockquote\b[^>]*itemtype="[^"]*\/Reply"[^>]*>(.*?)<\/blockquote>/s.exec(textOf(html))?.[1];
  if (block === undefined) return undefined;
  const name = /<strong\b[^>]*>(.*?)<\/strong>/s.exec(block)?.[1] ?? '';
  const preview = /<p\b[^>]*itemprop="(?:preview|copy)"[^>]*>(.*?)<\/p>/s.exec(block)?.[1] ?? '';
  return { by: plainText(name) || 'somebody', text: plainText(preview) };
}

/** JSON, as text or as it is. */
function parsed(content: unknown): unknown {
  if (typeof content !== 'string') return content;
  try {
    return JSON.parse(content);
  } catch {
    return undefined;
  }
}
