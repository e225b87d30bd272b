import type { ChatAdapter, Place } from '../../src/chat/adapter.ts';
import type { Administration } from '../../src/chat/admin/administration.ts';
import type { Bot } from '../../src/chat/bot.ts';
import type { Gate } from '../../src/chat/identity.ts';
import type { Log } from '../../src/observe/port.ts';
import { accountRoutes } from './account.ts';
import { approvalRoutes } from './approvals.ts';
import { assetRoutes } from './assets.ts';
import { chatRoutes } from './chat.ts';
import { commandRoutes } from './commands.ts';
import { concernRoutes } from './concerns.ts';
import type { WebContext } from './context.ts';
import { createGuard } from './guard.ts';
import { createHub } from './hub.ts';
import { organisationRoutes } from './organisation.ts';
import { createProblems } from './problems.ts';
import { decodeThreadId, encodePart, encodeThreadId, isShared, opsPrincipal } from './thread-id.ts';
import { threadRoutes } from './threads.ts';

export interface WebAdapterOptions {
  readonly bot: Bot;
  readonly gate: Gate;
  readonly log: Log;
  /** Absent: there is no command line. */
  readonly administration?: Administration;
  /** The built console: a folder with `index.html` and `assets/`. */
  readonly assetsDir: string;
  /** True when people reach the bot over https. */
  readonly secureCookies: boolean;
  /** Silence on a stream is broken after this long. */
  readonly keepAliveMs?: number;
}

/** The chat API (JSON and server-sent events) and the console. Storing a reply delivers it, so there is no poster. */
export function createWebAdapter(options: WebAdapterOptions): ChatAdapter {
  const { bot, gate, log, administration, assetsDir, secureCookies, keepAliveMs = 15_000 } = options;
  const stopping = new AbortController();
  const hub = createHub();
  const problems = createProblems(log);
  const guard = createGuard({ gate, problems });
  const context: WebContext = {
    bot,
    gate,
    hub,
    guard,
    problems,
    stopping: stopping.signal,
    keepAliveMs,
    secureCookies,
  };
  return {
    platform: 'web',
    isPrivate: (threadId) => !isShared(threadId),
    channelName: async () => 'the ops channel of the console',
    channelOf: (threadId) => (isShared(threadId) ? opsThreads : undefined),
    place,
    routes: [
      ...chatRoutes(context),
      ...threadRoutes(context),
      ...approvalRoutes(context),
      ...concernRoutes(context),
      ...accountRoutes(context),
      ...(administration === undefined ? [] : commandRoutes({ administration, guard, problems })),
      ...organisationRoutes(context),
      ...assetRoutes({ assetsDir, problems }),
    ],
    preview: hub.open,
    async stop() {
      stopping.abort();
    },
  };
}

const opsThreads = `web:${encodePart(opsPrincipal)}:`;

/** `web:ops` is the channel of the console; threads are named by their ids. */
function place(target: string): Place | undefined {
  if (target === 'web:ops') {
    const newThread = (id: string) => encodeThreadId({ principal: opsPrincipal, id });
    return { type: 'threads', startedBy: opsPrincipal, newThread };
  }
  const thread = decodeThreadId(target);
  if (thread === undefined) return undefined;
  return { type: 'thread', threadId: target, ...(isShared(target) ? {} : { only: thread.principal }) };
}
