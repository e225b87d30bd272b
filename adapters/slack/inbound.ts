import { at, isRecord, type Json, records, textOf } from '../../src/chat/json.ts';

/** A file that came with a message. */
export interface SharedFile {
  readonly id: string;
  readonly name: string;
  readonly mimetype: string;
  readonly size: number;
  readonly url: string;
}

/** A person's message, as an event told of it. */
export interface Heard {
  readonly team: string;
  readonly channel: string;
  readonly isDirect: boolean;
  readonly isMention: boolean;
  readonly user: string;
  readonly ts: string;
  /** Of the thread's first message; absent: this one begins a thread. */
  readonly threadTs?: string;
  readonly text: string;
  readonly files: readonly SharedFile[];
  /** Keys of repeated deliveries. */
  readonly keys: readonly string[];
  /** When it was edited last; set on edits alone. */
  readonly editedTs?: string;
}

/** Which subtypes of messages are people's words (https://docs.slack.dev/reference/events/message). */
const spoken = new Set(['', 'file_share', 'thread_broadcast', 'me_message']);

export interface Self {
  readonly botUser: string;
  readonly botId: string;
}

/** What a `message` or `app_mention` event says. Undefined: nobody's words, the bot's own, or another bot's. */
export function heardOf(body: Json, self: Self): Heard | undefined {
  const event = isRecord(body.event) ? body.event : {};
  const subtype = textOf(event.subtype);
  if (subtype === 'message_changed') return editOf(body, event, self);
  if (!spoken.has(subtype)) return undefined;
  return fromMessage(body, event, { self, channel: textOf(event.channel) });
}

/** An edit counts when a person changed the words: unfurled links and new replies are no edits. */
function editOf(body: Json, event: Json, self: Self): Heard | undefined {
  const message = isRecord(event.message) ? event.message : {};
  const editedTs = textOf(at(message, 'edited', 'ts'));
  const isOther = textOf(message.text) !== textOf(at(event, 'previous_message', 'text'));
  if (editedTs === '' || !isOther) return undefined;
  const heard = fromMessage(body, message, { self, channel: textOf(event.channel) });
  if (heard === undefined) return undefined;
  const keys = [`${messageKey(heard)}:edited:${editedTs}`];
  const isDirect = event.channel_type === 'im';
  return { ...heard, isDirect, editedTs, keys };
}

function fromMessage(
  body: Json,
  message: Json,
  { self, channel }: { readonly self: Self; readonly channel: string },
): Heard | undefined {
  const [user, ts, team] = [textOf(message.user), textOf(message.ts), teamOf(body)];
  if (user === '' || ts === '' || channel === '' || team === '') return undefined;
  if (user === self.botUser || message.bot_id !== undefined) return undefined;
  const threadTs = textOf(message.thread_ts);
  const text = textOf(message.text);
  return {
    team,
    channel,
    isDirect: message.channel_type === 'im',
    isMention: text.includes(`<@${self.botUser}>`) || text.includes(`<@${self.botUser}|`),
    user,
    ts,
    text,
    files: filesOf(message),
    keys: [`slack:${team}:event:${textOf(body.event_id)}`, messageKey({ team, channel, ts })],
    ...(threadTs === '' ? {} : { threadTs }),
  };
}

/** The key that all events of a message share. */
export function messageKey(message: {
  readonly team: string;
  readonly channel: string;
  readonly ts: string;
}): string {
  return `slack:${message.team}:${message.channel}:${message.ts}`;
}

export function filesOf(message: Json): readonly SharedFile[] {
  return records(message.files).map((file) => ({
    id: textOf(file.id),
    name: textOf(file.name) || textOf(file.title) || 'file',
    mimetype: textOf(file.mimetype),
    size: typeof file.size === 'number' ? file.size : 0,
    url: textOf(file.url_private_download) || textOf(file.url_private),
  }));
}

/** The workspace in which the app is installed; in shared channels the message may come from another. */
export function teamOf(body: Json): string {
  const [authorization] = records(body.authorizations);
  return (
    textOf(authorization?.team_id) ||
    textOf(body.context_team_id) ||
    textOf(body.team_id) ||
    textOf(at(body, 'view', 'app_installed_team_id')) ||
    textOf(at(body, 'team', 'id')) ||
    textOf(at(body, 'user', 'team_id'))
  );
}

/** A message that somebody took back. */
export function removedOf(
  body: Json,
): { readonly team: string; readonly channel: string; readonly message: Json } | undefined {
  const event = isRecord(body.event) ? body.event : {};
  const message = event.previous_message;
  if (event.subtype !== 'message_deleted' || !isRecord(message)) return undefined;
  return { team: teamOf(body), channel: textOf(event.channel), message };
}
