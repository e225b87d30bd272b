import { type Json, records, text } from './json.ts';
import type { FakeTeams } from './server.ts';
import { conversationAt, placeOf, type TeamsMessage, type TeamsUser } from './state.ts';

/** What is of one activity alone. */
export interface Arrival {
  readonly type: string;
  readonly conversation: string;
  readonly user?: TeamsUser;
  readonly id?: string;
  readonly more?: Json;
  /** More of `channelData`. */
  readonly channelData?: Json;
}

/** An activity as Teams sends it to the bot, with everything that Teams puts around it. */
export function arrivalOf(
  teams: FakeTeams,
  { type, conversation, user, id, more, channelData }: Arrival,
): Json {
  const { tenant } = teams;
  const at = new Date(tenant.now()).toISOString();
  return {
    type,
    id: id ?? tenant.nextId('f:'),
    timestamp: at,
    localTimestamp: at,
    localTimezone: 'Europe/Berlin',
    locale: 'en-US',
    channelId: 'msteams',
    serviceUrl: teams.serviceUrl(),
    from:
      user === undefined
        ? { id: tenant.id }
        : { id: user.id, name: user.name, aadObjectId: user.aadObjectId },
    recipient: { id: tenant.bot.id, name: tenant.bot.name },
    conversation: conversationJson(teams, conversation),
    ...more,
    channelData: { ...channelDataOf(teams, conversation), ...channelData },
  };
}

function conversationJson({ tenant }: FakeTeams, id: string): Json {
  const place = conversationAt(tenant, id);
  if (place === undefined) throw new Error(`there is no conversation ${id}`);
  return {
    id,
    conversationType: place.kind,
    tenantId: tenant.id,
    ...(place.kind === 'personal' ? {} : { isGroup: true }),
    ...(place.kind === 'groupChat' ? { name: place.name } : {}),
  };
}

function channelDataOf({ tenant }: FakeTeams, id: string): Json {
  const place = conversationAt(tenant, id);
  const home = { tenant: { id: tenant.id } };
  if (place?.team === undefined) return home;
  return {
    teamsChannelId: place.id,
    teamsTeamId: place.team.id,
    channel: { id: place.id },
    team: { id: place.team.id, name: place.team.name, aadGroupId: place.team.aadGroupId },
    ...home,
  };
}

/** A person's message as an activity; an edit is the same with another type. */
export function messageArrival(
  teams: FakeTeams,
  message: TeamsMessage,
  type = 'message',
  channelData: Json = {},
): Json {
  const user = teams.tenant.users.get(message.by);
  if (user === undefined) throw new Error(`${message.by} is nobody`);
  const { root } = placeOf(message.conversation);
  return arrivalOf(teams, {
    type,
    conversation: message.conversation,
    user,
    id: message.id,
    more: {
      ...message.activity,
      ...(root === undefined || root === message.id ? {} : { replyToId: root }),
    },
    channelData,
  });
}

/** Whether Teams tells the bot of a message: in groups only of mentions, unless it may hear all. */
export function isHeard(teams: FakeTeams, message: TeamsMessage): boolean {
  const place = conversationAt(teams.tenant, message.conversation);
  if (place === undefined || place.closed === 'BotNotInConversationRoster') return false;
  const mentions = records(message.activity.entities).filter((entity) => entity.type === 'mention');
  const isNamed = mentions.some((entity) => JSON.stringify(entity).includes(teams.tenant.bot.id));
  return place.kind === 'personal' || place.hearsAll || isNamed;
}

export interface Words {
  readonly words: string;
  /** Whether the bot is named first. */
  readonly isMention: boolean;
  readonly quote: TeamsMessage | undefined;
  readonly attachments: readonly Json[];
  /** Others whom the words mention. */
  readonly whom?: readonly TeamsUser[];
}

/** What a person typed, with the html that Teams sends beside every text. */
export function typed(
  { tenant }: FakeTeams,
  { words, isMention, quote, attachments, whom = [] }: Words,
): Json {
  const { bot } = tenant;
  const tag = `<at>${bot.name}</at>`;
  const quoted = quote === undefined ? '' : `<quoted messageId="${quote.id}"/> `;
  const span = `<span itemscope itemtype="http://schema.org/Mention" itemid="0">${bot.name}</span>&nbsp;`;
  const paragraph = `<p>${isMention ? span : ''}${escaped(words)}</p>`;
  const preview = quote === undefined ? '' : text(quote.activity.text).slice(0, 100);
  const block =
    quote === undefined
      ? ''
      : `<blockquote itemscope itemtype="http://schema.org/Reply" itemid="${quote.id}"><strong itemprop="mri" itemid="${quote.by}">${nameOf(tenant, quote.by)}</strong><p itemprop="preview">${escaped(preview)}</p></blockquote>`;
  const entities = [
    { type: 'clientInfo', locale: 'en-US', country: 'US', platform: 'Web', timezone: 'Europe/Berlin' },
    ...(isMention ? [{ type: 'mention', mentioned: { id: bot.id, name: bot.name }, text: tag }] : []),
    ...whom.map(({ id, name }) => ({ type: 'mention', mentioned: { id, name }, text: `<at>${name}</at>` })),
    ...(quote === undefined ? [] : [quotedReply(tenant, quote, preview)]),
  ];
  return {
    text: `${quoted}${isMention ? `${tag} ` : ''}${words}`,
    textFormat: 'plain',
    attachments: [...attachments, { contentType: 'text/html', content: `${block}${paragraph}` }],
    entities,
  };
}

function quotedReply(tenant: FakeTeams['tenant'], quote: TeamsMessage, preview: string): Json {
  return {
    type: 'quotedReply',
    quotedReply: {
      messageId: quote.id,
      senderId: quote.by,
      senderName: nameOf(tenant, quote.by),
      preview,
      isReplyDeleted: quote.isDeleted,
    },
  };
}

export function nameOf(tenant: FakeTeams['tenant'], id: string): string {
  return id === tenant.bot.id ? tenant.bot.name : (tenant.users.get(id)?.name ?? id);
}

function escaped(words: string): string {
  return words
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\n', '<br>');
}
