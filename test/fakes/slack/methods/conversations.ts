import {
  messageAt,
  reach,
  refuse,
  type SlackMessage,
  type SlackUser,
  shown,
  text,
  type Workspace,
} from '../state.ts';
import { addMessage, type Method } from './chat.ts';

const PAGE = 200;

function page(
  workspace: Workspace,
  messages: readonly SlackMessage[],
  args: Readonly<Record<string, unknown>>,
) {
  const limit = Math.min(Number(args.limit ?? 100), PAGE);
  const from = Number(text(args.cursor) || 0);
  const rows = messages.slice(from, from + limit);
  const hasMore = from + limit < messages.length;
  return {
    messages: rows.map((message) =>
      shown(workspace, message, args.include_all_metadata === true || args.include_all_metadata === 'true'),
    ),
    has_more: hasMore,
    response_metadata: { next_cursor: hasMore ? String(from + limit) : '' },
  };
}

const seenByAll = (message: SlackMessage) => !message.isDeleted && message.onlyFor === undefined;

/** Channels, people, and what was said. */
export const conversations: Readonly<Record<string, Method>> = {
  'conversations.replies': (workspace, args) => {
    const channel = reach(workspace, args.channel);
    if (messageAt(workspace, channel.id, args.ts) === undefined) refuse('thread_not_found');
    const thread = workspace.messages.filter(
      (message) =>
        message.channel === channel.id &&
        seenByAll(message) &&
        (message.ts === args.ts || message.threadTs === args.ts),
    );
    const [oldest, latest] = [text(args.oldest), text(args.latest)];
    const isWithin = ({ ts }: SlackMessage) =>
      (oldest === '' || ts > oldest) && (latest === '' || ts < latest);
    return page(
      workspace,
      thread.filter((message) => message.ts === args.ts || isWithin(message)),
      args,
    );
  },
  'conversations.history': (workspace, args) => {
    const channel = reach(workspace, args.channel);
    const top = workspace.messages.filter(
      (message) => message.channel === channel.id && seenByAll(message) && message.threadTs === undefined,
    );
    return page(workspace, [...top].reverse(), args);
  },
  'conversations.info': (workspace, args) => {
    const channel = workspace.channels.get(text(args.channel));
    if (channel === undefined) return refuse('channel_not_found');
    const { id, name, isIm, user } = channel;
    return {
      channel: {
        id,
        name,
        is_im: isIm,
        is_member: channel.members.has(workspace.bot.user),
        ...(user === undefined ? {} : { user }),
      },
    };
  },
  'conversations.members': (workspace, args) => ({ members: [...reach(workspace, args.channel).members] }),
  'conversations.open': (workspace, args) => {
    const user = text(args.users);
    if (!workspace.users.has(user)) refuse('user_not_found');
    const known = [...workspace.channels.values()].find((channel) => channel.isIm && channel.user === user);
    const id = known?.id ?? workspace.nextId('D');
    if (known === undefined)
      workspace.channels.set(id, {
        id,
        name: '',
        isIm: true,
        user,
        members: new Set([user, workspace.bot.user]),
        isArchived: false,
      });
    return { channel: { id } };
  },
  'users.info': (workspace, args) => {
    const user = workspace.users.get(text(args.user));
    return user === undefined ? refuse('user_not_found') : { user: userJson(workspace, user) };
  },
  'users.list': (workspace, args) => {
    const { page, cursor } = pageOf([...workspace.users.values()], args);
    const members = page.map((user) => userJson(workspace, user));
    return { members, response_metadata: { next_cursor: cursor } };
  },
  'users.conversations': (workspace, args) => {
    const joined = [...workspace.channels.values()].filter(
      ({ isIm, isArchived, members }) => !isIm && !isArchived && members.has(workspace.bot.user),
    );
    const { page, cursor } = pageOf(joined, args);
    const channels = page.map(({ id, name }) => ({ id, name }));
    return { channels, response_metadata: { next_cursor: cursor } };
  },
  'reactions.add': (workspace, args) => {
    const message = messageAt(workspace, args.channel, args.timestamp);
    if (message === undefined) return refuse('message_not_found');
    if (message.reactions.some((known) => known.name === args.name && known.user === workspace.bot.user))
      refuse('already_reacted');
    message.reactions.push({ name: text(args.name), user: workspace.bot.user });
    return {};
  },
  'files.getUploadURLExternal': (workspace, args) => {
    if (text(args.filename) === '' || !(Number(args.length) > 0)) refuse('invalid_arguments');
    const id = workspace.nextId('F');
    workspace.uploads.set(id, { name: text(args.filename), bytes: Buffer.alloc(0) });
    return { file_id: id, upload_url: `${text(args.base)}/upload/${id}` };
  },
  'files.completeUploadExternal': (workspace, args) => {
    const given = Array.isArray(args.files) ? args.files : [];
    const files = given.map((item: Readonly<Record<string, unknown>>) => {
      const upload = workspace.uploads.get(text(item.id));
      if (upload === undefined || upload.bytes.length === 0) return refuse('file_not_found');
      const title = text(item.title) || upload.name;
      workspace.files.set(text(item.id), {
        id: text(item.id),
        name: upload.name,
        title,
        mimetype: 'text/plain',
        bytes: upload.bytes,
        user: workspace.bot.user,
      });
      return { id: text(item.id), title };
    });
    if (text(args.channel_id) !== '') {
      const channel = reach(workspace, args.channel_id);
      addMessage(workspace, {
        channel: channel.id,
        user: workspace.bot.user,
        botId: workspace.bot.id,
        text: text(args.initial_comment),
        files: files.map(({ id }) => id),
        ...(text(args.thread_ts) === '' ? {} : { threadTs: text(args.thread_ts) }),
      });
    }
    return { files };
  },
};

function userJson(workspace: Workspace, user: SlackUser) {
  const { id, name, realName, email, isBot = false, isRestricted = false, isStranger = false } = user;
  return {
    id,
    name,
    real_name: realName,
    team_id: isStranger ? 'TOTHER' : workspace.team,
    is_bot: isBot,
    is_restricted: isRestricted,
    is_ultra_restricted: false,
    is_stranger: isStranger,
    deleted: false,
    profile: { display_name: name, real_name: realName, ...(email === '' ? {} : { email }) },
  };
}

/** As much as was asked for, and where it goes on. */
function pageOf<T>(all: readonly T[], { limit, cursor }: Readonly<Record<string, unknown>>) {
  const [from, most] = [Number(text(cursor) || 0), Number(limit ?? 100)];
  const isMore = from + most < all.length;
  return { page: all.slice(from, from + most), cursor: isMore ? String(from + most) : '' };
}
