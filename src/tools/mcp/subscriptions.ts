import type { CallAnswer, Connection, Limits } from './connection.ts';

const maxKept = 100;
const maxKeptCharacters = 100_000;

/** A resource that is subscribed to, or about to be. */
interface Kept {
  /** Absent: it is being read, or has changed since. */
  answer?: CallAnswer;
}

/**
 * Reads resources. Where the server tells of changes, what was read is subscribed to and kept until it
 * changes, for at most 100 resources; the one that was not wanted for the longest time goes first.
 */
export function createSubscriptions(connection: Pick<Connection, 'ask' | 'abilities'>) {
  const kept = new Map<string, Kept>();

  const readNow = (uri: string, limits: Limits) =>
    connection.ask({ method: 'resources/read', params: { uri }, ...limits });

  const use = (uri: string, entry: Kept) => {
    kept.delete(uri);
    kept.set(uri, entry);
  };

  /** Told to the server; whether it hears that does not matter. */
  const makeRoom = (limits: Limits) => {
    const [oldest] = kept.keys();
    if (kept.size <= maxKept || oldest === undefined) return;
    kept.delete(oldest);
    const unsubscribed = connection.ask({
      method: 'resources/unsubscribe',
      params: { uri: oldest },
      ...limits,
    });
    unsubscribed.catch(() => {});
  };

  return {
    read: async (uri: string, limits: Limits): Promise<CallAnswer> => {
      if (!connection.abilities().subscriptions) return await readNow(uri, limits);
      const known = kept.get(uri);
      if (known?.answer !== undefined) {
        use(uri, known);
        return known.answer;
      }
      const entry: Kept = {};
      use(uri, entry);
      if (known === undefined) {
        const asked = connection.ask({ method: 'resources/subscribe', params: { uri }, ...limits });
        const told = await asked.catch((error: unknown) => {
          kept.delete(uri);
          throw error;
        });
        if (told.type !== 'result') kept.delete(uri);
      }
      const answer = await readNow(uri, limits);
      if (kept.get(uri) === entry && isWorthKeeping(answer)) entry.answer = answer;
      makeRoom(limits);
      return answer;
    },
    /** What is told may be a part of what was subscribed to. */
    updated: (uri: string) => {
      for (const known of kept.keys()) if (uri.startsWith(known)) kept.set(known, {});
    },
    forget: () => {
      for (const known of kept.keys()) kept.set(known, {});
    },
  };
}

function isWorthKeeping(answer: CallAnswer): boolean {
  return answer.type === 'result' && JSON.stringify(answer.result).length <= maxKeptCharacters;
}
