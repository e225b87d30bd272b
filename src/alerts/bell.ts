import type { Log } from '../observe/port.ts';
import { closeLeft } from './closing.ts';
import type { AlertRoute, AlertStore } from './port.ts';
import { type TellParts, tell } from './tell.ts';

export interface BellOptions extends TellParts {
  readonly store: AlertStore;
  readonly log: Log;
  /** Something was stored that is to be posted. */
  readonly posted: () => void;
  readonly lookEveryMs?: number;
}

/** Tells people what is due, and closes what routes left open, on whichever replica looks first. */
export interface Bell {
  start(): void;
  /** Looks soon: something may be due. */
  ring(): void;
  /** Looks until nothing is due. */
  look(): Promise<void>;
  stop(): Promise<void>;
}

/** See `Bell`. What is due stands in the database: nothing is lost with this process. */
export function createBell({ store, log, posted, lookEveryMs = 1000, ...parts }: BellOptions): Bell {
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> | undefined;
  let rung = false;
  let stopping = false;

  async function tellRoute(id: string): Promise<void> {
    const route: AlertRoute | undefined = await store.route({ id });
    if (route === undefined) return;
    let told = 1;
    while (told > 0 && !stopping) {
      told = (await store.inBooks(id, (books) => tell(books, route, parts))) ?? 0;
      if (told > 0) posted();
    }
  }

  async function closeRoute(id: string): Promise<void> {
    let closed = 1;
    while (closed > 0 && !stopping) {
      closed = (await store.inLeftBooks(id, (books, left) => closeLeft(books, left, parts))) ?? 0;
      if (closed > 0) posted();
    }
  }

  async function look(): Promise<void> {
    for (const id of await store.leftRoutes()) {
      if (stopping) return;
      await closeRoute(id).catch((error: unknown) => log.warn('alerts_not_closed', { route_id: id, error }));
    }
    for (const id of await store.dueRoutes()) {
      if (stopping) return;
      await tellRoute(id).catch((error: unknown) => log.warn('alerts_not_told', { route_id: id, error }));
    }
  }

  function ring(): void {
    rung = true;
    if (looking !== undefined || stopping) return;
    looking = lookWhileRung().finally(() => {
      looking = undefined;
    });
  }

  async function lookWhileRung(): Promise<void> {
    while (rung && !stopping) {
      rung = false;
      await look().catch((error: unknown) => log.warn('alerts_not_read', { error }));
    }
  }

  return {
    ring,
    look,
    start() {
      timer = setInterval(ring, lookEveryMs);
    },
    async stop() {
      stopping = true;
      clearInterval(timer);
      await looking;
    },
  };
}
