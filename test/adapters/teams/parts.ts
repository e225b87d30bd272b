import type { TeamsApi } from '../../../adapters/teams/api.ts';
import { createCalls } from '../../../adapters/teams/calls.ts';
import { openConnector } from '../../../adapters/teams/connector.ts';
import { createPace } from '../../../adapters/teams/pace.ts';
import { createPersonalChats } from '../../../adapters/teams/personal-chats.ts';
import { createPoster } from '../../../adapters/teams/poster.ts';
import { openPreview } from '../../../adapters/teams/preview.ts';
import { createReferences } from '../../../adapters/teams/references.ts';
import { createStreams } from '../../../adapters/teams/streams.ts';
import { type Conversation, encodeThreadId } from '../../../adapters/teams/thread-id.ts';
import type { MessageRef, Post, Poster, PreviewTarget } from '../../../src/chat/adapter.ts';
import type { Preview } from '../../../src/chat/live.ts';
import type { Reply } from '../../../src/chat/reply.ts';
import type { Log } from '../../../src/observe/port.ts';
import { type MemoryInProcess, memoryInProcess } from '../../fakes/adapter-memory.ts';
import { trustTestCertificate } from '../../fakes/entra.ts';
import { silentLog } from '../../fakes/log.ts';
import { type People, people } from '../../fakes/teams/people.ts';
import { appId, appPassword, type FakeTeams, startFakeTeams, tenantId } from '../../fakes/teams/server.ts';
import type { TeamsMessage, TeamsUser } from '../../fakes/teams/state.ts';

/** The adapter's parts against a small Teams, without a bot. */
export interface Parts {
  readonly teams: FakeTeams;
  readonly people: People;
  readonly alice: TeamsUser;
  readonly bob: TeamsUser;
  readonly memory: MemoryInProcess;
  readonly personal: Conversation;
  /** Bob's chat. */
  readonly bobs: Conversation;
  readonly group: Conversation;
  readonly channel: Conversation;
  /** Refs that previews stored, and turns that people stopped. */
  readonly remembered: readonly MessageRef[];
  readonly stopped: readonly string[];
  /** As another process has it: only the memory is shared. */
  process(): Process;
  post(place: Conversation, reply?: Partial<Reply>, key?: string): Post;
  target(place: Conversation, more?: Partial<PreviewTarget>): PreviewTarget;
  heard(place: Conversation): readonly TeamsMessage[];
  close(): Promise<void>;
}

export interface Process {
  readonly api: TeamsApi;
  readonly poster: Poster;
  preview(target: PreviewTarget, more?: { readonly streamMs?: number }): Preview;
}

export async function openParts(log: Log = silentLog): Promise<Parts> {
  trustTestCertificate();
  const teams = await startFakeTeams();
  const who = people(teams);
  const [alice, bob] = [who.user('alice'), who.user('bob')];
  const memory = memoryInProcess();
  const clock = { now: () => teams.tenant.now() };
  const personal = { tenant: tenantId, id: who.personal(alice) };
  const bobs = { tenant: tenantId, id: who.personal(bob) };
  const group = { tenant: tenantId, id: who.groupChat('ops', [alice, bob]) };
  const channel = { tenant: tenantId, id: who.channel('incidents', [alice, bob]) };
  const remembered: MessageRef[] = [];
  const stopped: string[] = [];
  const connector = await openConnector({
    identity: { kind: 'secret', appId, tenantId, password: appPassword },
    allowedTenants: [tenantId],
    openIdMetadataUrl: teams.openIdMetadataUrl,
    loginUrl: teams.tokenEndpoint.authority,
  });
  const references = createReferences({ memory, clock });
  for (const [place, conversationType] of [
    [personal, 'personal'],
    [bobs, 'personal'],
    [group, 'groupChat'],
    [channel, 'channel'],
  ] as const)
    await references.note(place, {
      serviceUrl: teams.serviceUrl(),
      recipient: { id: teams.tenant.bot.id },
      conversation: { id: place.id, conversationType, tenantId },
    });
  return {
    teams,
    people: who,
    alice,
    bob,
    memory,
    personal,
    bobs,
    group,
    channel,
    remembered,
    stopped,
    process() {
      const api = createCalls({ connector, references, clock, log });
      const streams = createStreams({ memory, clock });
      const pace = createPace();
      return {
        api,
        poster: createPoster({ api, memory, streams, chats: createPersonalChats(memory), done: () => [] }),
        preview: (target, more = {}) =>
          openPreview(target, {
            ...{ api, streams, pace, clock, log, ran: () => {}, firstMs: 10 },
            stop: ({ turnId }) => void stopped.push(turnId),
            ...more,
          }),
      };
    },
    post: (place, reply = {}, key = 'turn-1:0') => ({
      threadId: encodeThreadId(place),
      key,
      reply: { kind: 'answer', text: 'The answer.', turnId: 'turn-1', ...reply },
    }),
    target: (place, more = {}) => ({
      threadId: encodeThreadId(place),
      turnId: 'turn-1',
      asker: { principal: `teams:${tenantId}:${alice.aadObjectId}`, name: 'alice' },
      remember: async (ref) => void remembered.push(ref),
      ...more,
    }),
    heard: (place) => who.heard(place.id),
    close: () => teams.close(),
  };
}

/** Nothing aborts. */
export const calm = new AbortController().signal;

export const failure = async (work: Promise<unknown>): Promise<unknown> =>
  await work.then(
    () => undefined,
    (error: unknown) => error,
  );

/** The words of a message of the bot. */
export function textOf(message: TeamsMessage | undefined): string {
  return String(message?.activity.text ?? '');
}
