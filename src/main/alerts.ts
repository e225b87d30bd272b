import { adminToken, type Rights } from '../access/rights.ts';
import { createBell } from '../alerts/bell.ts';
import { alertsHook } from '../alerts/hook.ts';
import type { Scene } from '../alerts/opening.ts';
import type { AlertRoute } from '../alerts/port.ts';
import { tryRoute } from '../alerts/try-route.ts';
import { botAuthor } from '../bot/expiry.ts';
import type { Config } from '../config.ts';
import type { Clock, Log } from '../observe/port.ts';
import { alertStore } from '../store/alerts.ts';
import type { Database } from '../store/database.ts';
import type { Conversation } from './conversation.ts';
import type { Managing } from './managing.ts';
import { refusalOfOwner } from './owners.ts';
import { createSpots } from './spots.ts';
import type { Toolbox } from './toolbox.ts';

export interface AlertsOptions {
  readonly config: Config;
  readonly db: Database;
  readonly conversation: Conversation;
  readonly toolbox: Toolbox;
  readonly managing: Managing;
  readonly rights: Rights;
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds since 1970; the database's clock by default. */
  readonly now?: () => number;
}

export type Alerts = ReturnType<typeof createAlerts>;

/** Alerts that come in, made of the parts of this process. */
export function createAlerts(options: AlertsOptions) {
  const { config, db, conversation, toolbox, managing, clock, log, now } = options;
  const { adapters, outbox, metrics } = conversation;
  const store = alertStore(db, { now, names });
  const { spotAt, opsSpot, spotOf } = createSpots({ config, adapters, log });
  const bell = createBell({
    store,
    log,
    posted: outbox.kick,
    spotOfThread: spotAt,
    lastResort: () => spotAt(consoleChannel),
  });

  async function refusalOf({ owner, investigate }: AlertRoute): Promise<string | undefined> {
    if (!investigate) return undefined;
    const { model } = await managing.snapshots.atLeast(0);
    if (model === undefined) return noModel;
    return await refusalOfOwner(owner.principal, options);
  }
  async function sceneOf(route: AlertRoute): Promise<Scene> {
    const refusal = await refusalOf(route);
    const given = refusal === undefined ? {} : { refusal };
    const spot = spotOf(route.target, route.owner.principal);
    if (typeof spot !== 'string') return { spot, ...given };
    const instead = opsSpot();
    if (instead === undefined) throw new Error(spot);
    return {
      spot: instead,
      detour: `📍 It is told of here because its route leads nowhere. ${spot}`,
      ...given,
    };
  }
  const parts = {
    ...{ store, sceneOf, log, clock, secret: toolbox.resolveSecret },
    isLab: config.environment === 'LAB',
    counted: metrics.alerts,
    stored() {
      outbox.kick();
      bell.ring();
    },
  };

  return {
    bell,
    hook: alertsHook(parts),
    recent: store.recent,
    open: store.open,
    async test(id: string) {
      const route = await store.route({ id });
      if (route === undefined) return { ok: false, message: 'It was deleted meanwhile.' };
      return await tryRoute(parts, route, new Date(now?.() ?? clock.now()));
    },
  };
}

const names = {
  [adminToken.principal]: adminToken.name,
  [botAuthor.principal]: botAuthor.name,
};

/** Its threads are read from what is stored: nothing there can fail to be posted. */
const consoleChannel = 'web:ops';

const noModel =
  'no model is configured. Add one in the console under Models, or with `/aiops models add`; the README says how.';
