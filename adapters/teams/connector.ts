import type { Activity, ConversationParameters } from 'botbuilder';
import { ConnectorClient, TeamsConnectorClient } from 'botframework-connector';
import { z } from 'zod';
import { at, isRecord, type Json, textOf } from '../../src/chat/json.ts';
import type { TeamsSettings } from '../../src/config/teams.ts';
import { TeamsCallError } from './call-error.ts';
import { keepEntityProperties, proveEntities } from './entity-patch.ts';
import { roomOf } from './thread-id.ts';
import { createTokens, TokenError } from './tokens.ts';
import { oneRequest, WireError } from './transport.ts';
import { createVerify, type Verify } from './verify.ts';

/** Where a conversation is reached. */
export interface Endpoint {
  readonly serviceUrl: string;
  /** `28:…`, the bot as the conversation knows it. */
  readonly botId: string;
}

/** A conversation's id, and where it is reached. */
export interface Target extends Endpoint {
  readonly id: string;
}

/**
 * The Bot Connector, one request for each call; each throws `TeamsCallError`. Beside the files that this one
 * imports, nothing knows botbuilder.
 */
export interface Connector {
  readonly verify: Verify;
  send(to: Target, activity: Json, signal?: AbortSignal): Promise<string>;
  update(to: Target, id: string, activity: Json, signal?: AbortSignal): Promise<void>;
  remove(to: Target, id: string, signal?: AbortSignal): Promise<void>;
  /** Begins a thread in the channel, and resolves to the conversation's id. */
  createThread(channel: Target, activity: Json, signal?: AbortSignal): Promise<string>;
  member(at: Target, userId: string, signal?: AbortSignal): Promise<Json>;
  /** How a team is called, and its channels. */
  team(at: Target, teamId: string, signal?: AbortSignal): Promise<TeamTold>;
  /** What the bot shows to the connector's own hosts; undefined for an anonymous one. */
  token(): Promise<string | undefined>;
}

/** A team, as Teams tells of it. */
export interface TeamTold {
  readonly name: unknown;
  readonly channels: unknown;
}

const timeoutMs = 15_000;
const outgoing = z.custom<Partial<Activity>>(isRecord);
const parameters = z.custom<ConversationParameters>(isRecord);

/** Throws when botbuilder would not send what it is given. */
export async function openConnector(settings: TeamsSettings): Promise<Connector> {
  keepEntityProperties();
  await proveEntities();
  const { identity } = settings;
  const tokens = identity.kind === 'anonymous' ? undefined : createTokens(identity, settings.loginUrl);
  const credentials = {
    async signRequest(request: Signed) {
      if (tokens !== undefined) request.headers.set('Authorization', `Bearer ${await tokens()}`);
      return request;
    },
  };
  const clients = new Map<string, ConnectorClient>();

  function clientOf(serviceUrl: string): ConnectorClient {
    const known = clients.get(serviceUrl);
    if (known !== undefined) return known;
    const made = new ConnectorClient(credentials, { baseUri: serviceUrl, httpClient: oneRequest(timeoutMs) });
    clients.set(serviceUrl, made);
    return made;
  }

  /** Asked so seldom that it is made anew each time. */
  function teamsOf(serviceUrl: string): TeamsConnectorClient {
    return new TeamsConnectorClient(credentials, { baseUri: serviceUrl, httpClient: oneRequest(timeoutMs) });
  }

  return {
    verify: createVerify(settings),
    token: async () => await tokens?.(),
    send: (to, activity, signal) =>
      called('sending a message', async () => {
        const sent = outgoing.parse({ ...activity, from: { id: to.botId }, conversation: { id: to.id } });
        const { conversations } = clientOf(to.serviceUrl);
        return textOf(at({ ...(await conversations.sendToConversation(to.id, sent, given(signal))) }, 'id'));
      }),
    update: (to, id, activity, signal) =>
      called('changing a message', async () => {
        const sent = outgoing.parse({ ...activity, id, from: { id: to.botId }, conversation: { id: to.id } });
        await clientOf(to.serviceUrl).conversations.updateActivity(to.id, id, sent, given(signal));
      }),
    remove: (to, id, signal) =>
      called('deleting a message', async () => {
        await clientOf(to.serviceUrl).conversations.deleteActivity(to.id, id, given(signal));
      }),
    createThread: (channel, activity, signal) =>
      called('beginning a thread', async () => {
        const asked = parameters.parse({
          ...{ isGroup: true, bot: { id: channel.botId }, activity },
          channelData: { channel: { id: roomOf(channel.id) } },
        });
        const { conversations } = clientOf(channel.serviceUrl);
        const made = await conversations.createConversation(asked, given(signal));
        return textOf(at({ ...made }, 'id'));
      }),
    member: (place, userId, signal) =>
      called('asking for a member', async () => {
        const { conversations } = clientOf(place.serviceUrl);
        return { ...(await conversations.getConversationMember(roomOf(place.id), userId, given(signal))) };
      }),
    team: ({ serviceUrl }, teamId, signal) =>
      called('asking for a team', async () => {
        const { teams } = teamsOf(serviceUrl);
        const [team, listed] = await Promise.all([
          teams.fetchTeamDetails(teamId, given(signal)),
          teams.fetchChannelList(teamId, given(signal)),
        ]);
        return { name: team.name, channels: listed.conversations };
      }),
  };
}

type Signed = Parameters<ConstructorParameters<typeof ConnectorClient>[0]['signRequest']>[0];

function given(signal: AbortSignal | undefined) {
  return signal === undefined ? {} : { abortSignal: signal };
}

async function called<T>(operation: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw failed(operation, error);
  }
}

function failed(operation: string, cause: unknown): TeamsCallError {
  if (cause instanceof TokenError) {
    const code = cause.isRefused ? 'credentials' : 'login_unreachable';
    return new TeamsCallError(operation, code, { isRefused: true, cause });
  }
  // It was answered well, but not in the connector's words.
  if (!(cause instanceof WireError))
    return new TeamsCallError(operation, 'protocol', { isRefused: false, cause });
  const { status, retryAfterMs } = cause;
  return new TeamsCallError(operation, codeOf(cause), {
    isRefused: cause.isUnsent || (status >= 400 && status < 500 && status !== 408),
    ...{ status, cause, detail: detailOf(cause) },
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

function codeOf({ status, body }: WireError): string {
  if (status === 0) return 'network';
  if (status === 429) return 'ratelimited';
  if (status === 401) return 'credentials';
  const error = at(parsed(body), 'error');
  return textOf(at(error, 'innerHttpError', 'body', 'code')) || textOf(at(error, 'code')) || 'http';
}

function detailOf({ body }: WireError): string {
  const error = at(parsed(body), 'error');
  return textOf(at(error, 'message')) || textOf(at(parsed(body), 'message'));
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
