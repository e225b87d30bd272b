import type { AdapterCheck, ChatAdapter } from '../../src/chat/adapter.ts';
import type { Administration } from '../../src/chat/admin/administration.ts';
import type { Bot } from '../../src/chat/bot.ts';
import type { Desk } from '../../src/chat/desk.ts';
import { createDone } from '../../src/chat/done.ts';
import type { HeardLast } from '../../src/chat/heard-last.ts';
import type { CommandClaims } from '../../src/chat/heard-once.ts';
import { textOf } from '../../src/chat/json.ts';
import type { People } from '../../src/chat/people.ts';
import type { ThreadSwitches } from '../../src/chat/thread-switches.ts';
import type { ToolLine } from '../../src/chat/tool-line.ts';
import type { Clock, Log } from '../../src/observe/port.ts';
import { createApi } from './api.ts';
import { createBackground } from './background.ts';
import type { FeedbackEmoji, SlackContext } from './context.ts';
import { redrawTurn } from './decided.ts';
import { createDirectory } from './directory.ts';
import { createDispatch, type Dispatch } from './dispatch.ts';
import { examine } from './examine.ts';
import { httpRoute } from './http-route.ts';
import { oneInstallation } from './installations.ts';
import { createKnowing } from './knowing.ts';
import { createListeners } from './listeners.ts';
import { createPace } from './pace.ts';
import { createPoster } from './poster.ts';
import { openPreview } from './preview.ts';
import { createSocket, type Socket } from './socket.ts';
import { kindOfPayload } from './subscriptions.ts';
import { channelOf, decodeChannel, decodeThreadId, placeOf } from './thread-id.ts';

/** What the process was told of Slack. */
export interface SlackSettings {
  readonly botToken: string;
  /** HTTP mode: requests are verified with it. */
  readonly signingSecret?: string;
  /** Socket Mode. */
  readonly appToken?: string;
  /** Another Web API, for tests. */
  readonly apiUrl?: string;
}

export interface SlackAdapterOptions {
  readonly settings: SlackSettings;
  readonly bot: Bot;
  readonly people: People;
  readonly desk: Desk;
  readonly administration: Administration;
  readonly switches: ThreadSwitches;
  readonly claims: CommandClaims;
  /** Markdown about the state of the bot. */
  readonly status: () => Promise<string>;
  readonly tools: () => readonly ToolLine[];
  readonly feedbackEmoji: () => Promise<FeedbackEmoji>;
  /** Where people and Slack reach the bot, where that is set. */
  readonly publicUrl?: string;
  /** Absent: nobody remembers what came. */
  readonly heard?: HeardLast;
  readonly clock: Clock;
  readonly log: Log;
  /** How long a message is streamed before it is replaced as a whole instead. */
  readonly streamMs?: number;
}

const linkWithinMs = 1500;

/** Slack over HTTP, Socket Mode, or both, with the same handlers. */
export function createSlackAdapter(options: SlackAdapterOptions): ChatAdapter {
  const { settings, clock, log } = options;
  const { botToken, signingSecret, appToken, apiUrl } = settings;
  const place = apiUrl === undefined ? {} : { apiUrl };
  const installations = oneInstallation({ botToken, ...place });
  const api = createApi({ installations, clock, log, ...place });
  const directory = createDirectory(api, clock);
  const context: SlackContext = {
    ...options,
    ...place,
    installations,
    api,
    directory,
    background: createBackground({ api, directory }),
  };
  const app = createListeners(context, apiUrl);
  const hand = createDispatch(() => app, log);
  const dispatch: Dispatch = async (envelope) => {
    const kind = kindOfPayload(envelope.body);
    if (kind !== undefined) options.heard?.note(kind);
    return await hand(envelope);
  };
  const socket = appToken === undefined ? undefined : createSocket({ appToken, dispatch, log, ...place });
  const pace = createPace(clock);
  const done = createDone();
  const streaming = options.streamMs === undefined ? {} : { streamMs: options.streamMs };
  return {
    platform: 'slack',
    channelOf,
    channelName: async (address) => {
      const place = decodeChannel(address.replace(/:$/, ''));
      return place === undefined ? undefined : await directory.channelName(place.team, place.channel);
    },
    ...createKnowing({ installations, directory, log }),
    linkTo: async (threadId) => {
      const thread = decodeThreadId(threadId);
      if (thread === undefined) return undefined;
      const { team, channel, ts } = thread;
      const signal = AbortSignal.timeout(linkWithinMs);
      const found = await api.attempt(team, 'chat.getPermalink', { channel, message_ts: ts }, { signal });
      return textOf(found?.permalink) || undefined;
    },
    place: placeOf,
    routes: signingSecret === undefined ? [] : [httpRoute({ signingSecret, dispatch, clock, log })],
    poster: createPoster({ api, done: done.of }),
    preview: (target) =>
      openPreview(target, {
        ...{ api, pace, clock, log, ran: done.note, ...streaming },
        redraw: (resumed) => redrawTurn(context, resumed),
      }),
    check: () => checkOf(api.troubles(), socket),
    examine: () =>
      examine({
        ...options,
        ...(socket === undefined ? {} : { isConnected: socket.isConnected }),
      }),
    start: async () => await socket?.start(),
    stop: async () => await socket?.stop(),
  };
}

/** A token without a scope still serves what it may: only what fails is said. */
function checkOf(troubles: readonly string[], socket: Socket | undefined): AdapterCheck {
  const all = [...troubles, ...(socket?.isConnected() === false ? ['Socket Mode is not connected.'] : [])];
  if (all.length > 0) return { status: 'failed', detail: all.join(' ') };
  return { status: 'ok', detail: socket === undefined ? 'over HTTP' : 'connected by Socket Mode' };
}
