import type { ServerState } from '../port.ts';
import type { Connection } from './connection.ts';
import type { SessionContext } from './context.ts';
import type { ListedTool } from './schema.ts';
import { sentence } from './sentence.ts';

/** How a server stands towards its session. */
export type Standing =
  | { readonly type: 'connecting' }
  | {
      readonly type: 'connected';
      readonly connection: Connection;
      readonly listed: readonly ListedTool[];
      /** When the list was read, on the pool's clock. */
      readonly listedAtMs: number;
      readonly context: SessionContext;
      /** Empty: it gives none. */
      readonly instructions: string;
      readonly sinceMs: number;
    }
  | { readonly type: 'failed'; readonly why: string }
  | { readonly type: 'closed' };

const nothing = { toolCount: 0, waiting: 0 } as const;

/** The same for health, metrics and people. */
export function stateOf(
  name: string,
  standing: Standing,
  counts: Pick<ServerState, 'toolCount' | 'waiting'>,
): ServerState {
  switch (standing.type) {
    case 'connecting':
      return { name, status: 'connecting', ...nothing };
    case 'connected':
      return { name, status: 'connected', ...counts };
    case 'failed':
      return { name, status: 'failed', ...nothing, error: sentence(standing.why) };
    case 'closed':
      return { name, status: 'failed', ...nothing, error: 'The server was changed or removed.' };
    default:
      return standing satisfies never;
  }
}
