import { randomBytes } from 'node:crypto';

export type Json = Readonly<Record<string, unknown>>;

export interface SlackUser {
  readonly id: string;
  readonly name: string;
  readonly realName: string;
  readonly email: string;
  readonly isBot?: boolean;
  /** A guest. */
  readonly isRestricted?: boolean;
  /** From another workspace (Slack Connect). */
  readonly isStranger?: boolean;
}

export interface SlackChannel {
  readonly id: string;
  readonly name: string;
  readonly isIm: boolean;
  /** Of a direct message: the person. */
  readonly user?: string;
  readonly members: Set<string>;
  isArchived: boolean;
}

export interface SlackFile {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly mimetype: string;
  readonly bytes: Buffer;
  readonly user: string;
}

/** A message as the workspace keeps it. */
export interface SlackMessage {
  readonly channel: string;
  readonly ts: string;
  readonly user?: string;
  readonly botId?: string;
  readonly threadTs?: string;
  text: string;
  blocks: readonly Json[];
  attachments: readonly Json[];
  metadata?: Json;
  edited?: { readonly user: string; readonly ts: string };
  readonly files: readonly string[];
  readonly reactions: { readonly name: string; readonly user: string }[];
  /** While it is streamed. */
  stream?: { readonly startedAt: number; lastAt: number };
  /** Everything streamed so far, for comparing. */
  streamed: string;
  chunks: Json[];
  isDeleted: boolean;
  /** Seen by this person alone. */
  readonly onlyFor?: string;
}

export interface SlackView {
  readonly id: string;
  readonly userId: string;
  view: Json;
  hash: string;
  /** Of a modal: the one below it. */
  readonly previous?: string;
  readonly isHome: boolean;
  isOpen: boolean;
}

export interface Trigger {
  readonly expiresAt: number;
  used: boolean;
}

/** One workspace with the app in it. */
export interface Workspace {
  readonly team: string;
  readonly bot: { readonly user: string; readonly id: string; readonly app: string };
  readonly users: Map<string, SlackUser>;
  readonly channels: Map<string, SlackChannel>;
  readonly messages: SlackMessage[];
  readonly files: Map<string, SlackFile>;
  readonly uploads: Map<string, { readonly name: string; bytes: Buffer }>;
  readonly views: Map<string, SlackView>;
  readonly triggers: Map<string, Trigger>;
  /** The state of each thread's session: `<channel>:<thread>` → status. */
  readonly sessions: Map<string, { status: string; title: string }>;
  /** Loading lines shown in threads. */
  readonly statuses: Map<string, { readonly status: string; readonly at: number }>;
  readonly prompts: Map<string, Json>;
  /** Milliseconds since 1970. */
  now(): number;
  nextTs(): string;
  nextId(prefix: string): string;
}

export function createWorkspace(now: () => number): Workspace {
  let ids = 1000;
  let last = 0;
  const bot = { user: 'UBOT', id: 'BBOT', app: 'AAPP' };
  const users = new Map<string, SlackUser>();
  users.set(bot.user, { id: bot.user, name: 'aiops', realName: 'AI Ops', email: '', isBot: true });
  return {
    team: 'T1',
    bot,
    users,
    channels: new Map(),
    messages: [],
    files: new Map(),
    uploads: new Map(),
    views: new Map(),
    triggers: new Map(),
    sessions: new Map(),
    statuses: new Map(),
    prompts: new Map(),
    now,
    nextTs() {
      last = Math.max(last + 1, Math.floor(now() * 1000));
      return `${Math.floor(last / 1_000_000)}.${String(last % 1_000_000).padStart(6, '0')}`;
    },
    nextId(prefix) {
      ids += 1;
      return `${prefix}${ids}${randomBytes(2).toString('hex').toUpperCase()}`;
    },
  };
}

/** A refusal in Slack's own words. */
export class SlackRefusal extends Error {
  override readonly name = 'SlackRefusal';
  readonly details: Json;

  constructor(error: string, details: Json = {}) {
    super(error);
    this.details = details;
  }
}

export function refuse(error: string, details: Json = {}): never {
  throw new SlackRefusal(error, details);
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function records(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

/** The channel, as the bot may reach it. */
export function reach(workspace: Workspace, id: unknown): SlackChannel {
  const channel = workspace.channels.get(text(id));
  if (channel === undefined) return refuse('channel_not_found');
  if (channel.isArchived) refuse('is_archived');
  if (!channel.isIm && !channel.members.has(workspace.bot.user)) refuse('not_in_channel');
  return channel;
}

export function messageAt(workspace: Workspace, channel: unknown, ts: unknown): SlackMessage | undefined {
  return workspace.messages.find(
    (message) => message.channel === channel && message.ts === ts && !message.isDeleted,
  );
}

/** A message as the Web API and events show it. */
export function shown(workspace: Workspace, message: SlackMessage, withMetadata = false): Json {
  const isBot = message.botId !== undefined;
  const replies = workspace.messages.filter(
    (other) => other.channel === message.channel && other.threadTs === message.ts && other.ts !== message.ts,
  );
  return {
    type: 'message',
    ts: message.ts,
    text: message.text === '' ? message.streamed : message.text,
    ...(message.user === undefined ? {} : { user: message.user }),
    ...(isBot ? { bot_id: message.botId, app_id: workspace.bot.app, team: workspace.team } : {}),
    ...(message.threadTs === undefined ? {} : { thread_ts: message.threadTs }),
    ...(replies.length > 0 && message.threadTs === undefined ? { thread_ts: message.ts } : {}),
    ...(replies.length > 0 ? { reply_count: replies.length } : {}),
    ...(message.blocks.length === 0 ? {} : { blocks: message.blocks }),
    ...(message.attachments.length === 0 ? {} : { attachments: message.attachments }),
    ...(message.edited === undefined ? {} : { edited: message.edited }),
    ...(withMetadata && message.metadata !== undefined ? { metadata: message.metadata } : {}),
    ...(message.files.length === 0
      ? {}
      : { files: message.files.map((id) => fileJson(workspace, id)), subtype: 'file_share' }),
  };
}

export function fileJson(workspace: Workspace, id: string): Json {
  const file = workspace.files.get(id);
  if (file === undefined) return { id };
  const { name, title, mimetype, bytes, user } = file;
  return {
    id,
    name,
    title,
    mimetype,
    size: bytes.length,
    user,
    url_private: `${baseUrls.get(workspace) ?? ''}/files/${id}`,
    url_private_download: `${baseUrls.get(workspace) ?? ''}/files/${id}`,
    permalink: `https://acme.slack.com/files/${id}`,
  };
}

/** Where a workspace is served; set by its server. */
export const baseUrls = new WeakMap<Workspace, string>();
