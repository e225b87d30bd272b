import { checkBlocks } from '../blocks.ts';
import {
  isRecord,
  type Json,
  messageAt,
  reach,
  records,
  refuse,
  type SlackMessage,
  shown,
  text,
  type Workspace,
} from '../state.ts';

/** A method of the Web API: its arguments, and the answer without `ok`. */
export type Method = (workspace: Workspace, args: Json) => Json;

const TEXT_LIMIT = 40_000;
const MARKDOWN_LIMIT = 12_000;
const STREAM_LIFE_MS = 5 * 60_000;

/** A message for every accepted post: the same sent twice is there twice. */
export function addMessage(
  workspace: Workspace,
  fields: Partial<SlackMessage> & { readonly channel: string },
): SlackMessage {
  const message: SlackMessage = {
    ts: workspace.nextTs(),
    text: '',
    blocks: [],
    attachments: [],
    files: [],
    reactions: [],
    streamed: '',
    chunks: [],
    isDeleted: false,
    ...fields,
  };
  workspace.messages.push(message);
  return message;
}

function content(args: Json): { readonly text: string; readonly blocks: readonly Json[] } {
  const blocks = checkBlocks(args.blocks);
  const markdown = text(args.markdown_text);
  if (markdown !== '' && (args.text !== undefined || blocks.length > 0)) refuse('markdown_text_conflict');
  if (markdown.length > MARKDOWN_LIMIT) refuse('msg_too_long');
  const said = markdown === '' ? text(args.text) : markdown;
  if (said === '' && blocks.length === 0 && records(args.attachments).length === 0) refuse('no_text');
  if (said.length > TEXT_LIMIT) refuse('msg_too_long');
  return { text: said, blocks };
}

function metadata(args: Json): { readonly metadata?: Json } {
  if (args.metadata === undefined) return {};
  if (
    !isRecord(args.metadata) ||
    typeof args.metadata.event_type !== 'string' ||
    !isRecord(args.metadata.event_payload)
  )
    return refuse('invalid_metadata_format');
  return { metadata: args.metadata };
}

function own(workspace: Workspace, args: Json): SlackMessage {
  const channel = reach(workspace, args.channel);
  const message = messageAt(workspace, channel.id, args.ts);
  if (message === undefined) return refuse('message_not_found');
  if (message.botId !== workspace.bot.id) return refuse('cant_update_message');
  return message;
}

function inThread(workspace: Workspace, channel: string, args: Json): { readonly threadTs?: string } {
  const threadTs = text(args.thread_ts);
  if (threadTs === '') return {};
  if (messageAt(workspace, channel, threadTs) === undefined) return refuse('thread_not_found');
  return { threadTs };
}

/** A stream of the bot that is still open. */
function streaming(
  workspace: Workspace,
  args: Json,
): SlackMessage & { stream: NonNullable<SlackMessage['stream']> } {
  const channel = reach(workspace, args.channel);
  const message = messageAt(workspace, channel.id, args.ts);
  if (message === undefined) return refuse('message_not_found');
  const { stream } = message;
  if (stream === undefined || workspace.now() - stream.startedAt > STREAM_LIFE_MS)
    return refuse('message_not_in_streaming_state');
  return Object.assign(message, { stream });
}

function append(workspace: Workspace, message: SlackMessage, args: Json): void {
  const markdown = text(args.markdown_text);
  const chunks = records(args.chunks);
  if (markdown !== '' && args.chunks !== undefined) refuse('invalid_arguments');
  if (markdown.length > MARKDOWN_LIMIT) refuse('msg_too_long');
  chunks.forEach(checkChunk);
  const said = chunks.map((chunk) => (chunk.type === 'markdown_text' ? text(chunk.text) : '')).join('');
  if (message.streamed.length + markdown.length + said.length > MARKDOWN_LIMIT) refuse('msg_too_long');
  message.streamed += markdown + said;
  message.chunks.push(...chunks.filter((chunk) => chunk.type !== 'markdown_text'));
  if (message.stream !== undefined) message.stream.lastAt = workspace.now();
}

function checkChunk(chunk: Json): void {
  switch (chunk.type) {
    case 'markdown_text':
      if (text(chunk.text) === '') refuse('invalid_chunks');
      return;
    case 'task_update':
      if (text(chunk.id) === '' || text(chunk.title) === '') refuse('invalid_chunks');
      if (!['pending', 'in_progress', 'complete', 'error'].includes(text(chunk.status)))
        refuse('invalid_chunks');
      return;
    case 'plan_update':
      if (text(chunk.title) === '') refuse('invalid_chunks');
      return;
    case 'blocks':
      checkBlocks(chunk.blocks);
      return;
    default:
      refuse('invalid_chunks');
  }
}

export const chat: Readonly<Record<string, Method>> = {
  'chat.postMessage': (workspace, args) => {
    const channel = reach(workspace, args.channel);
    const said = content(args);
    const message = addMessage(workspace, {
      channel: channel.id,
      user: workspace.bot.user,
      botId: workspace.bot.id,
      attachments: records(args.attachments),
      ...said,
      ...inThread(workspace, channel.id, args),
      ...metadata(args),
    });
    return { channel: channel.id, ts: message.ts, message: shown(workspace, message) };
  },
  'chat.update': (workspace, args) => {
    const message = own(workspace, args);
    if (message.stream !== undefined && workspace.now() - message.stream.startedAt <= STREAM_LIFE_MS)
      return refuse('streaming_state_conflict');
    const said = content(args);
    message.text = said.text;
    message.blocks = said.blocks;
    delete message.stream;
    message.streamed = '';
    message.chunks = [];
    const kept = metadata(args).metadata;
    if (kept !== undefined) message.metadata = kept;
    message.edited = { user: workspace.bot.user, ts: workspace.nextTs() };
    return { channel: message.channel, ts: message.ts, text: message.text };
  },
  'chat.getPermalink': (workspace, args) => {
    const channel = reach(workspace, args.channel).id;
    const ts = text(args.message_ts);
    if (messageAt(workspace, channel, ts) === undefined) return refuse('message_not_found');
    return { channel, permalink: `https://acme.slack.com/archives/${channel}/p${ts.replace('.', '')}` };
  },
  'chat.delete': (workspace, args) => {
    const message = own(workspace, args);
    message.isDeleted = true;
    return { channel: message.channel, ts: message.ts };
  },
  'chat.postEphemeral': (workspace, args) => {
    const channel = reach(workspace, args.channel);
    if (!channel.members.has(text(args.user)) && !channel.isIm) refuse('user_not_in_channel');
    const message = addMessage(workspace, {
      channel: channel.id,
      user: workspace.bot.user,
      botId: workspace.bot.id,
      onlyFor: text(args.user),
      ...content(args),
      ...inThread(workspace, channel.id, args),
    });
    return { message_ts: message.ts };
  },
  'chat.startStream': (workspace, args) => {
    const channel = reach(workspace, args.channel);
    if (text(args.thread_ts) === '') refuse('invalid_arguments');
    if (!channel.isIm && text(args.recipient_team_id) === '') refuse('missing_recipient_team_id');
    if (!channel.isIm && text(args.recipient_user_id) === '') refuse('missing_recipient_user_id');
    const now = workspace.now();
    const message = addMessage(workspace, {
      channel: channel.id,
      user: workspace.bot.user,
      botId: workspace.bot.id,
      stream: { startedAt: now, lastAt: now },
      ...inThread(workspace, channel.id, args),
    });
    append(workspace, message, args);
    return { channel: channel.id, ts: message.ts };
  },
  'chat.appendStream': (workspace, args) => {
    const message = streaming(workspace, args);
    if (text(args.markdown_text) === '' && records(args.chunks).length === 0) refuse('invalid_arguments');
    append(workspace, message, args);
    return { channel: message.channel, ts: message.ts };
  },
  'chat.stopStream': (workspace, args) => {
    const message = streaming(workspace, args);
    append(workspace, message, args);
    message.blocks = checkBlocks(args.blocks);
    message.text = message.streamed;
    const kept = metadata(args).metadata;
    if (kept !== undefined) message.metadata = kept;
    Reflect.deleteProperty(message, 'stream');
    return { channel: message.channel, ts: message.ts };
  },
};
