import type { JsonObject } from '../../agent/json.ts';
import type { RequestFailure } from './call-failure.ts';
import type { CallAnswer, Connection, Limits } from './connection.ts';
import { allPages } from './pages.ts';
import { createSubscriptions } from './subscriptions.ts';

/** The resources and prompts of a server over one session: what it said is kept until it says otherwise. */
export interface SessionContext {
  /** A whole list, unjudged. Throws only when the signal aborts, as all of these. */
  list(kind: ContextList, limits: Limits): Promise<ListAnswer>;
  /** The contents of a resource; the latest, where the server tells of changes. */
  read(uri: string, limits: Limits): Promise<CallAnswer>;
  prompt(name: string, args: JsonObject, limits: Limits): Promise<CallAnswer>;
  /** The server said that these are others now. */
  changed(kind: 'resources' | 'prompts'): void;
  /** The server said that a resource, or a part of it, has changed. */
  updated(uri: string): void;
}

export type ContextList = 'resources' | 'templates' | 'prompts';

export type ListAnswer =
  | { readonly type: 'list'; readonly entries: readonly unknown[] }
  | RequestFailure
  /** The server gave something that is not a list, or far too much of it. */
  | { readonly type: 'unusable'; readonly why: string };

export interface ContextOptions {
  readonly connection: Pick<Connection, 'ask' | 'abilities'>;
  /** How long a list is good for without being read again. */
  readonly maxAgeMs: () => number;
  /** Milliseconds that only grow. */
  readonly now: () => number;
}

const lists = {
  resources: { method: 'resources/list', key: 'resources' },
  templates: { method: 'resources/templates/list', key: 'resourceTemplates' },
  prompts: { method: 'prompts/list', key: 'prompts' },
} as const;

/** Nothing is asked before it is wanted. */
export function createContext({ connection, maxAgeMs, now }: ContextOptions): SessionContext {
  const kept = new Map<ContextList, { readonly entries: readonly unknown[]; readonly at: number }>();
  const subscriptions = createSubscriptions(connection);
  let changes = 0;

  const readList = async (kind: ContextList, limits: Limits): Promise<ListAnswer> => {
    const { method, key } = lists[kind];
    try {
      const entries = await allPages(kind, key, async (cursor) =>
        usable(await connection.ask({ method, params: cursor === undefined ? {} : { cursor }, ...limits })),
      );
      return { type: 'list', entries };
    } catch (error) {
      limits.signal.throwIfAborted();
      if (error instanceof NoAnswerError) return error.failure;
      return { type: 'unusable', why: error instanceof Error ? error.message : String(error) };
    }
  };

  return {
    list: async (kind, limits) => {
      const known = kept.get(kind);
      if (known !== undefined && now() - known.at < maxAgeMs())
        return { type: 'list', entries: known.entries };
      const before = changes;
      const answer = await readList(kind, limits);
      if (answer.type === 'list' && before === changes)
        kept.set(kind, { entries: answer.entries, at: now() });
      return answer;
    },
    read: subscriptions.read,
    prompt: (name, args, limits) =>
      connection.ask({ method: 'prompts/get', params: { name, arguments: args }, ...limits }),
    changed: (kind) => {
      changes += 1;
      if (kind === 'prompts') return void kept.delete('prompts');
      kept.delete('resources');
      kept.delete('templates');
      subscriptions.forget();
    },
    updated: subscriptions.updated,
  };
}

/** Carries a failure out of the walk over the pages. */
class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
  readonly failure: RequestFailure;

  constructor(failure: RequestFailure) {
    super('The list was not given.');
    this.failure = failure;
  }
}

function usable(answer: CallAnswer): Readonly<Record<string, unknown>> {
  if (answer.type !== 'result') throw new NoAnswerError(answer);
  const { result } = answer;
  return typeof result === 'object' && result !== null ? { ...result } : {};
}
