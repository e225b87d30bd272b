import type { Bot } from '../../src/chat/bot.ts';
import type { Gate } from '../../src/chat/identity.ts';
import type { Guard } from './guard.ts';
import type { Hub } from './hub.ts';
import type { Problems } from './problems.ts';

/** What the routes of the web adapter share. */
export interface WebContext {
  readonly bot: Bot;
  readonly gate: Gate;
  readonly hub: Hub;
  readonly guard: Guard;
  readonly problems: Problems;
  /** Aborted when the adapter stops; ends all streams. */
  readonly stopping: AbortSignal;
  readonly keepAliveMs: number;
  readonly secureCookies: boolean;
}
