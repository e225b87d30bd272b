import type { ChatAdapter } from '../../src/chat/adapter.ts';
import type { Bot } from '../../src/chat/bot.ts';
import type { Gate } from '../../src/chat/identity.ts';
import type { Log } from '../../src/observe/port.ts';
import { accountRoutes } from './account.ts';
import { approvalRoutes } from './approvals.ts';
import { assetRoutes } from './assets.ts';
import { chatRoutes } from './chat.ts';
import type { WebContext } from './context.ts';
import { createGuard } from './guard.ts';
import { createHub } from './hub.ts';
import { organisationRoutes } from './organisation.ts';
import { createProblems } from './problems.ts';
import { threadRoutes } from './threads.ts';

export interface WebAdapterOptions {
  readonly bot: Bot;
  readonly gate: Gate;
  readonly log: Log;
  /** The built console: a folder with `index.html` and `assets/`. */
  readonly assetsDir: string;
  /** True when people reach the bot over https. */
  readonly secureCookies: boolean;
  /** Silence on a stream is broken after this long. */
  readonly keepAliveMs?: number;
}

/** The chat API (JSON and server-sent events) and the console. Storing a reply delivers it, so there is no poster. */
export function createWebAdapter(options: WebAdapterOptions): ChatAdapter {
  const { bot, gate, log, assetsDir, secureCookies, keepAliveMs = 15_000 } = options;
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
    isPrivate: true,
    routes: [
      ...chatRoutes(context),
      ...threadRoutes(context),
      ...approvalRoutes(context),
      ...accountRoutes(context),
      ...organisationRoutes(context),
      ...assetRoutes({ assetsDir, problems }),
    ],
    preview: hub.open,
    async stop() {
      stopping.abort();
    },
  };
}
