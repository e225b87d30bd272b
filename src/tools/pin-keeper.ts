import type { Log } from '../observe/port.ts';
import { pinnedOf, waitingIn } from './pins.ts';
import type { Listing, PinStore, ServerConfig } from './port.ts';

export interface PinKeeperOptions {
  readonly store: Pick<PinStore, 'note'>;
  readonly log: Log;
}

/** Sees to it that all that servers list is written down, and that people hear of what waits. */
export interface PinKeeper {
  /** A server's list was read. Does not wait; what cannot be written down now is by `retry`. */
  seen(server: ServerConfig, listing: Listing): void;
  /** Writes down what could not be. */
  retry(): void;
  /** Resolves when nothing is being written. */
  settled(): Promise<void>;
}

interface Seen {
  readonly server: ServerConfig;
  readonly listing: Listing;
}

/** A keeper that has seen nothing yet. */
export function createPinKeeper({ store, log }: PinKeeperOptions): PinKeeper {
  const unwritten = new Map<string, Seen>();
  const told = new Map<string, string>();
  let writing: Promise<void> = Promise.resolve();

  /** Says once of each server what waits, and again when something else does. */
  function tell({ server, listing }: Seen): void {
    const waiting = waitingIn(server, listing);
    const key = waiting.join('\n');
    if ((told.get(server.id) ?? '') === key) return;
    told.set(server.id, key);
    if (waiting.length > 0) log.warn('tools_wait_for_acceptance', fieldsOf(server, waiting));
  }

  async function write(seen: Seen): Promise<void> {
    const { server, listing } = seen;
    const actor = server.pins.acceptedBy;
    const what = { serverId: server.id, server: server.name, pinned: pinnedOf(listing) };
    try {
      const accepted = await store.note(
        actor === undefined ? what : { ...what, by: { actor, source: 'bot' } },
      );
      if (unwritten.get(server.id) === seen) unwritten.delete(server.id);
      const names = accepted.map(({ kind, name }) => (kind === 'tool' ? name : 'its instructions'));
      if (names.length > 0) log.info('tools_accepted', { ...fieldsOf(server, names), by: actor });
    } catch (error) {
      log.warn('tools_not_written_down', { server: server.name, error });
    }
  }

  function writeNext(seen: Seen): void {
    writing = writing.then(() => write(seen));
  }

  return {
    seen(server, listing) {
      const seen = { server, listing };
      unwritten.set(server.id, seen);
      tell(seen);
      writeNext(seen);
    },
    retry() {
      for (const seen of unwritten.values()) writeNext(seen);
    },
    settled: () => writing,
  };
}

const mostNamed = 20;

function fieldsOf({ name }: ServerConfig, tools: readonly string[]) {
  return { server: name, count: tools.length, tools: tools.slice(0, mostNamed) };
}
