import type { Log } from '../../observe/port.ts';
import type { FetchFor } from '../guarded-fetch.ts';
import type { ServerConfig } from '../port.ts';
import type { Authorizer } from './auth/authorizer.ts';
import { createChildRecords } from './children.ts';
import type { Connection, ConnectionEvents } from './connection.ts';
import { httpConnection } from './http.ts';
import { stdioConnection } from './stdio.ts';

/** What it takes to open sessions with servers. */
export interface DialOptions {
  readonly log: Log;
  /** Where running children are written down for `reap`. */
  readonly childrenDir: string;
  /** Where the PATH, HOME and LANG of stdio servers are taken from. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The bot's own, told to servers. */
  readonly version: string;
  /** Carries all requests to HTTP servers. */
  readonly fetchFor: FetchFor;
  readonly pingEveryMs?: number;
  /** See `HttpOptions.older`; shared by all that dial the same servers. Default: known to this dial alone. */
  readonly older?: Set<string>;
  /** Says who we are to servers that want to know. Absent: only their headers do. */
  readonly authorizer?: Authorizer;
}

/** Makes a connection that is not yet open. May throw a sentence. */
export type Dial = (config: ServerConfig, events: ConnectionEvents) => Connection;

/** Connections by their server's protocol. */
export function createDial(options: DialOptions): Dial {
  const { log, childrenDir, environment, version, fetchFor } = options;
  const { pingEveryMs = 30_000, older = new Set<string>() } = options;
  const children = createChildRecords(childrenDir, log);
  const fetchOf = (config: ServerConfig) =>
    options.authorizer?.authorized(config, fetchFor(config.type)) ?? fetchFor(config.type);
  return (config, events) =>
    config.protocol === 'stdio'
      ? stdioConnection(config, { log, children, environment, version }, events)
      : httpConnection(config, { version, fetch: fetchOf(config), pingEveryMs, older }, events);
}
