import { checkMessage, memberOf } from './activities.ts';
import type { Answer, Request } from './exchange.ts';
import type { Operation } from './faults.ts';
import { type Json, record, records, text } from './json.ts';
import { malformed, refuse } from './refusal.ts';
import { memberAnswer, members, teamAnswer } from './roster.ts';
import {
  addMessage,
  type Conversation,
  messageAt,
  placeOf,
  reach,
  type TeamsMessage,
  type TeamsTenant,
  type TeamsUser,
} from './state.ts';
import { openStream, stream, streamInfoOf } from './streaming.ts';

/** What a request asks for; undefined for what the connector does not have. */
export function operationOf({ method, path }: Request): Operation | undefined {
  const [kind, id, part, child, last] = path;
  if (child === 'history' || path.length > (last === 'reactions' ? 6 : 4)) return undefined;
  if (kind === 'teams' && method === 'GET' && id !== undefined) return 'team';
  if (kind !== 'conversations') return undefined;
  if (id === undefined) return method === 'POST' ? 'create' : undefined;
  if (last === 'reactions') return method === 'PUT' || method === 'DELETE' ? 'react' : undefined;
  if (part === 'activities') return writing[`${method} ${child === undefined ? 'all' : 'one'}`];
  if (method !== 'GET') return undefined;
  if (part === 'pagedmembers' || (part === 'members' && child === undefined)) return 'members';
  return part === 'members' ? 'member' : undefined;
}

const writing: Readonly<Record<string, Operation>> = {
  'POST all': 'send',
  'POST one': 'send',
  'PUT one': 'update',
  'DELETE one': 'delete',
};

/** Does what a request asks for, or refuses it. Each accepted post makes a message; nothing is deduped. */
export function answer(tenant: TeamsTenant, operation: Operation, request: Request): Answer {
  const [, id = '', part = '', child] = request.path;
  if (operation === 'create') return create(tenant, request.body);
  if (operation === 'team') return teamAnswer(tenant, id, part);
  const place = reach(tenant, id);
  const isTargeted = request.query.get('isTargetedActivity') === 'true';
  switch (operation) {
    case 'send':
      return send(tenant, { place, id, activity: request.body, isTargeted, replyTo: child });
    case 'update':
      return update(tenant, own(tenant, id, child, isTargeted), request.body, place);
    case 'delete':
      own(tenant, id, child, isTargeted).isDeleted = true;
      return { status: 200 };
    case 'react':
      return react(tenant, id, request);
    case 'members':
      return members(tenant, place, request);
    case 'member':
      return memberAnswer(tenant, place, child ?? '');
    default:
      return operation satisfies never;
  }
}

/** The first post of a channel's new thread, or the personal chat with somebody. */
function create(tenant: TeamsTenant, body: Json): Answer {
  const channel = text(record(record(body.channelData).channel).id);
  if (channel !== '') {
    const place = reach(tenant, channel);
    if (place.kind !== 'channel' || channel !== place.id) badCreation();
    if (body.isGroup !== true || record(body.activity).type !== 'message') badCreation();
    const posted = post(tenant, place, channel, record(body.activity));
    return { status: 201, body: { id: posted.conversation, activityId: posted.id } };
  }
  const asked = records(body.members);
  const chosenTenant = text(body.tenantId) || text(record(record(body.channelData).tenant).id);
  if (body.isGroup === true || asked.length !== 1 || Object.keys(record(body.activity)).length > 0)
    badCreation();
  if (chosenTenant !== tenant.id) badCreation();
  const user = [...tenant.users.values()].find(({ id, aadObjectId }) =>
    [id, aadObjectId].includes(text(asked[0]?.id)),
  );
  if (user === undefined) return refuse(404, 'MemberNotFoundInConversation', 'Member not found.');
  if (!user.isInstalled)
    refuse(403, 'ForbiddenOperation', 'Bot is not installed in the personal scope of the user.');
  return { status: 201, body: { id: personalChat(tenant, user).id } };
}

function badCreation(): never {
  return refuse(400, 'BadSyntax', 'Incorrect conversation creation parameters');
}

/** The one personal chat of somebody with the bot. */
export function personalChat(tenant: TeamsTenant, user: TeamsUser): Conversation {
  const id = `a:${user.aadObjectId.replaceAll('-', '')}`;
  const found = tenant.conversations.get(id);
  if (found !== undefined) return found;
  const made: Conversation = {
    id,
    kind: 'personal',
    name: user.name,
    members: new Set([user.id]),
    hearsAll: true,
    ...(user.isInstalled ? {} : { closed: 'BotNotInConversationRoster' }),
  };
  tenant.conversations.set(id, made);
  return made;
}

interface Post {
  readonly place: Conversation;
  readonly id: string;
  readonly activity: Json;
  readonly isTargeted: boolean;
  readonly replyTo: string | undefined;
}

function send(tenant: TeamsTenant, { place, id, activity, isTargeted, replyTo }: Post): Answer {
  const info = streamInfoOf(activity);
  if (activity.type !== 'message' && activity.type !== 'typing')
    malformed(`A bot sends no activities of the type ${String(activity.type)}.`);
  if (info !== undefined) return stream(tenant, place, activity, info);
  if (activity.type === 'typing') return type(tenant, id, activity);
  const where =
    place.kind === 'channel' && id === place.id && replyTo !== undefined ? root(tenant, id, replyTo) : id;
  const made = post(
    tenant,
    place,
    where,
    activity,
    isTargeted ? targetOf(tenant, place, activity) : undefined,
  );
  return { status: 201, body: { id: made.id } };
}

/** A reply in a channel that is named without its thread goes to the thread of the message. */
function root(tenant: TeamsTenant, channel: string, replyTo: string): string {
  const message = messageAt(tenant, channel, replyTo);
  if (message === undefined) return refuse(404, 'ActivityNotFoundInConversation', 'Activity not found.');
  return message.conversation;
}

function type(tenant: TeamsTenant, id: string, activity: Json): Answer {
  if (records(activity.entities).length > 0 || text(activity.text) !== '')
    malformed('Only start streaming and continue streaming types are allowed as typing activity.');
  tenant.typing.push({ conversation: id, at: tenant.now() });
  return { status: 202, body: {} };
}

function post(
  tenant: TeamsTenant,
  place: Conversation,
  where: string,
  activity: Json,
  onlyFor?: string,
): TeamsMessage {
  checkMessage(tenant, place, activity);
  const id = tenant.nextMessageId(where);
  const conversation =
    place.kind === 'channel' && placeOf(where).root === undefined ? `${where};messageid=${id}` : where;
  return addMessage(tenant, {
    id,
    conversation,
    by: tenant.bot.id,
    activity,
    ...(onlyFor === undefined ? {} : { onlyFor }),
  });
}

/** A targeted message has one reader, who is a member, and is not for personal chats. */
function targetOf(tenant: TeamsTenant, place: Conversation, activity: Json): string {
  if (place.kind === 'personal') malformed('Targeted messages are for channels and group chats.');
  const target = memberOf(tenant, place, text(record(activity.recipient).id));
  if (target === undefined) return refuse(403, 'BotNotInConversationRoster', 'The recipient is no member.');
  return target.id;
}

/** A message of the bot; a targeted one is found only by who says that it is one. */
function own(tenant: TeamsTenant, conversation: string, id = '', isTargeted = false): TeamsMessage {
  const message = messageAt(tenant, conversation, id);
  if (message === undefined || (message.onlyFor !== undefined) !== isTargeted)
    return refuse(404, 'ActivityNotFoundInConversation', 'Activity not found.');
  if (message.by !== tenant.bot.id) refuse(403, 'ForbiddenOperation', 'The message is not of the bot.');
  if (openStream(tenant, placeOf(conversation).base) === message)
    refuse(403, 'ContentStreamNotAllowed', 'Content stream is not allowed');
  return message;
}

/** Changes a message for everybody: cards that one person saw differently go. */
function update(tenant: TeamsTenant, message: TeamsMessage, activity: Json, place: Conversation): Answer {
  checkMessage(tenant, place, activity);
  if (streamInfoOf(activity) !== undefined) malformed('An update has no stream.');
  message.previous.push(message.activity);
  message.activity = activity;
  message.ownCards.clear();
  return { status: 200, body: { id: message.id } };
}

function react(tenant: TeamsTenant, conversation: string, { method, path }: Request): Answer {
  const [, , , id = '', , type = ''] = path;
  const message = messageAt(tenant, conversation, id);
  if (message === undefined) return refuse(404, 'ActivityNotFoundInConversation', 'Activity not found.');
  if (type === '' || message.onlyFor !== undefined)
    malformed('There is nothing to react to, or no reaction.');
  const at = message.reactions.findIndex((known) => known.type === type && known.by === tenant.bot.id);
  if (at >= 0) message.reactions.splice(at, 1);
  if (method === 'PUT') message.reactions.push({ type, by: tenant.bot.id });
  return { status: 200 };
}
