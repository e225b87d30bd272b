import { UnavailableError } from '../chat/errors.ts';
import { reachable } from '../chat/reachable.ts';
import type { Log } from '../observe/port.ts';
import type { Scene } from './opening.ts';
import type { AlertRoute, AlertStore, Notification } from './port.ts';
import { type Taken, take } from './take.ts';

export interface ReceiveParts {
  readonly store: AlertStore;
  /** Where the alerts of a route are told of now, and who can investigate. */
  readonly sceneOf: (route: AlertRoute) => Promise<Scene>;
  /** Something was stored that is to be told or posted. */
  readonly stored: () => void;
  readonly counted: (
    what: 'received' | 'repeated' | 'fired' | 'resolved' | 'folded' | 'refused',
    count: number,
  ) => void;
  readonly log: Log;
  /** A delivery that is not stored within this time is to be sent again. */
  readonly withinMs?: number;
}

/** Stores a delivery. Resolves once it is stored; throws `UnavailableError` and `BusyError`. */
export async function receiveAlerts(
  parts: ReceiveParts,
  route: AlertRoute,
  notification: Notification,
): Promise<Taken> {
  const { store, sceneOf, stored, log, withinMs = 2000 } = parts;
  const storing = reachable(async () => {
    const scene = await sceneOf(route);
    const taken = await store.inBooks(route.id, (books) => take(books, { route, scene }, notification));
    if (taken === undefined) throw new UnavailableError('The route is gone.');
    return taken;
  })();
  const taken = await inTime(withinMs, storing);
  stored();
  count(parts, notification, taken);
  log.info('alerts_received', {
    ...{ route: route.name, alerts: notification.alerts.length, repeated: taken.isRepeated },
    ...{ fired: taken.fired, resolved: taken.ended, same: taken.same },
    ...{ threads: taken.opened, folded: taken.folded },
  });
  return taken;
}

function count({ counted }: ReceiveParts, { alerts }: Notification, taken: Taken): void {
  counted('received', alerts.length);
  counted('repeated', taken.isRepeated ? alerts.length : taken.same);
  counted('fired', taken.fired);
  counted('resolved', taken.ended);
  counted('folded', taken.folded);
}

/** It may still be stored afterwards: delivered again, it says nothing new. */
export async function inTime<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new UnavailableError('The alerts could not be stored. Send them again in a moment.')),
      ms,
    );
  });
  return await Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
