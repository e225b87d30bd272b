import type { AdapterCheck, ChatAdapter } from '../../src/chat/adapter.ts';
import type { AdapterMemory } from '../../src/chat/adapter-memory.ts';
import type { Administration } from '../../src/chat/admin/administration.ts';
import type { Bot } from '../../src/chat/bot.ts';
import type { Desk } from '../../src/chat/desk.ts';
import { createDone } from '../../src/chat/done.ts';
import type { HeardLast } from '../../src/chat/heard-last.ts';
import type { CommandClaims } from '../../src/chat/heard-once.ts';
import { at, textOf } from '../../src/chat/json.ts';
import type { People } from '../../src/chat/people.ts';
import type { ThreadSwitches } from '../../src/chat/thread-switches.ts';
import type { ToolLine } from '../../src/chat/tool-line.ts';
import type { TeamsSettings } from '../../src/config/teams.ts';
import type { Clock, Log } from '../../src/observe/port.ts';
import { createCalls } from './calls.ts';
import { mountComings } from './comings.ts';
import { openConnector } from './connector.ts';
import { personOf, type TeamsContext } from './context.ts';
import { redrawIfOver, redrawTurn } from './decided.ts';
import { createDirectory } from './directory.ts';
import { type Arrived, createDispatch, type Dispatch } from './dispatch.ts';
import { activities, examine, tenantMark } from './examine.ts';
import { mountHearing } from './hearing.ts';
import { httpRoute } from './http-route.ts';
import { mountInteraction } from './interaction.ts';
import { createPace } from './pace.ts';
import { createPersonalChats } from './personal-chats.ts';
import { createPoster } from './poster.ts';
import { openPreview } from './preview.ts';
import { createReferences } from './references.ts';
import type { RenderOptions } from './render.ts';
import { createRooms, mountRooms } from './rooms.ts';
import { createStreams } from './streams.ts';
import { channelOf, decodeThreadId, linkTo, placeOf } from './thread-id.ts';

export interface TeamsAdapterOptions {
  readonly settings: TeamsSettings;
  readonly bot: Bot;
  readonly people: People;
  readonly desk: Desk;
  readonly administration: Administration;
  readonly switches: ThreadSwitches;
  readonly claims: CommandClaims;
  readonly memory: AdapterMemory;
  /** Markdown about the state of the bot. */
  readonly status: () => Promise<string>;
  readonly tools: () => readonly ToolLine[];
  /** What stands on every answer, like Confidential; empty: nothing. */
  readonly sensitivity: () => Promise<string>;
  /** Where people and Teams reach the bot, where that is set. */
  readonly publicUrl?: string;
  /** Absent: nobody remembers what came. */
  readonly heard?: HeardLast;
  readonly clock: Clock;
  readonly log: Log;
  /** How long an answer is streamed before it goes on as an ordinary message. */
  readonly streamMs?: number;
}

/** Microsoft Teams over HTTP. Throws when the installed botbuilder loses what it is to send. */
export async function createTeamsAdapter(options: TeamsAdapterOptions): Promise<ChatAdapter> {
  const { settings, bot, memory, clock, log } = options;
  const connector = await openConnector(settings);
  const references = createReferences({ memory, clock });
  const api = createCalls({ connector, references, clock, log });
  const [directory, chats] = [createDirectory(api, clock), createPersonalChats(memory)];
  const rooms = createRooms({ api, memory, clock });
  const context: TeamsContext = { ...options, api, directory, chats };
  const dispatch = createDispatch({
    log,
    personOf: ({ activity, conversation }) =>
      personOf(context, {
        conversation,
        userId: textOf(at(activity.from, 'id')),
        aadObjectId: textOf(at(activity.from, 'aadObjectId')),
      }),
  });
  mountRooms(dispatch, rooms);
  mountHearing(dispatch, context);
  mountComings(dispatch, context, references);
  mountInteraction(dispatch, context);
  const [streams, pace, done] = [createStreams({ memory, clock }), createPace(), createDone()];
  const { verify } = connector;
  const { allowedTenants } = settings;
  return {
    platform: 'teams',
    place: placeOf,
    linkTo: async (threadId) => linkTo(threadId),
    channelOf,
    channelName: async (address) => {
      const room = decodeThreadId(address);
      return room === undefined ? undefined : await rooms.nameOf(room);
    },
    routes: [httpRoute({ verify, allowedTenants, references, dispatch: noted(dispatch, options), log })],
    poster: createPoster({
      api,
      memory,
      streams,
      chats,
      done: done.of,
      render: () => renderingOf(options),
      asked: (id) => redrawIfOver(context, id),
    }),
    preview: (target) =>
      openPreview(target, {
        ...{ api, streams, pace, clock, log, ran: done.note },
        ...(options.streamMs === undefined ? {} : { streamMs: options.streamMs }),
        stop: ({ threadId, asker }) => {
          if (asker === undefined) return;
          bot.stop(threadId, asker).catch((error: unknown) => log.warn('teams_stop_failed', { error }));
        },
        redraw: (resumed) => redrawTurn(context, resumed),
      }),
    examine: () => examine(options, connector),
    check: () => checkOf(api.isRefused(), api.troubles()),
  };
}

/** Remembers what came, and from which tenants. */
function noted(dispatch: Dispatch, { heard }: TeamsAdapterOptions): Dispatch {
  const note = ({ activity, conversation }: Arrived) => {
    const type = textOf(activity.type);
    if (Object.hasOwn(activities, type)) heard?.note(type);
    heard?.note(`${tenantMark}${conversation.tenant}`);
  };
  return {
    ...dispatch,
    async event(arrived) {
      note(arrived);
      await dispatch.event(arrived);
    },
    async invoke(arrived, first) {
      note(arrived);
      return await dispatch.invoke(arrived, first);
    },
  };
}

/** A label that cannot be read is no reason to keep an answer back. */
async function renderingOf({ sensitivity }: TeamsAdapterOptions): Promise<RenderOptions> {
  const name = await sensitivity().catch(() => '');
  return name === '' ? {} : { sensitivity: { name } };
}

/** Being removed from a conversation is no failure: all others go on. */
function checkOf(isRefused: boolean, troubles: readonly string[]): AdapterCheck {
  const detail = troubles.length === 0 ? 'over HTTP' : troubles.join(' ');
  return { status: isRefused ? 'failed' : 'ok', detail };
}
