import { memberOf } from './activities.ts';
import type { Answer, Request } from './exchange.ts';
import type { Json } from './json.ts';
import { malformed, refuse } from './refusal.ts';
import type { Conversation, TeamsTenant, TeamsUser } from './state.ts';

/** All at once, or in pages of 50 to 500. */
export function members(tenant: TeamsTenant, place: Conversation, { path, query }: Request): Answer {
  const all = [...place.members]
    .flatMap((id) => tenant.users.get(id) ?? [])
    .map((user) => memberJson(tenant, user));
  if (path[2] === 'members') return { status: 200, body: all };
  const size = Math.min(500, Math.max(50, Number(query.get('pageSize') ?? 200) || 200));
  const from = Number(query.get('continuationToken') ?? 0);
  if (!Number.isInteger(from)) malformed('The continuationToken is unknown.');
  const next = from + size < all.length ? { continuationToken: String(from + size) } : {};
  return { status: 200, body: { ...next, members: all.slice(from, from + size) } };
}

/** One member by id, Entra object id or user principal name. */
export function memberAnswer(tenant: TeamsTenant, place: Conversation, id: string): Answer {
  const found = memberOf(tenant, place, id);
  if (found === undefined) return refuse(404, 'MemberNotFoundInConversation', 'Member not found.');
  return { status: 200, body: memberJson(tenant, found) };
}

function memberJson(tenant: TeamsTenant, user: TeamsUser): Json {
  const [givenName = '', ...surname] = user.name.split(' ');
  return {
    id: user.id,
    name: user.name,
    aadObjectId: user.aadObjectId,
    objectId: user.aadObjectId,
    givenName,
    surname: surname.join(' '),
    email: user.email,
    userPrincipalName: user.email,
    tenantId: tenant.id,
    userRole: user.role,
  };
}

/** A team, or its channels. */
export function teamAnswer(tenant: TeamsTenant, id: string, part: string): Answer {
  const channels = [...tenant.conversations.values()].filter(({ team }) => team?.id === id);
  const team = channels[0]?.team;
  if (team === undefined) return refuse(404, 'NotFound', 'Team not found.');
  if (part === '') return { status: 200, body: { ...team, channelCount: channels.length } };
  if (part !== 'conversations') return refuse(404, 'NotFound', 'There is nothing here.');
  return {
    status: 200,
    body: { conversations: channels.map((channel) => ({ id: channel.id, name: channel.name })) },
  };
}
