import { resolve } from 'node:path';
import { secretNames } from '../access/secret-names.ts';
import { type Administration, createAdministration } from '../chat/admin/administration.ts';
import { createReadTrace } from '../chat/admin/trace.ts';
import type { Desk } from '../chat/desk.ts';
import type { Config } from '../config.ts';
import type { Clock } from '../observe/port.ts';
import { auditLog } from '../store/audit.ts';
import { type Database, databaseTime } from '../store/database.ts';
import { ledger } from '../store/ledger.ts';
import { resourceStore } from '../store/resources.ts';
import { undoStore } from '../store/undos.ts';
import { usageLog } from '../store/usage-sums.ts';
import { createCalled } from './called.ts';
import type { Conversation } from './conversation.ts';
import { createDesk } from './desk.ts';
import { createDoctor } from './doctor.ts';
import { createGranters } from './granters.ts';
import type { createManaging } from './managing.ts';
import { createUsageReport } from './usage-report.ts';

export interface AdministeringOptions {
  readonly db: Database;
  readonly config: Config;
  readonly conversation: Conversation;
  readonly managing: Awaited<ReturnType<typeof createManaging>>;
  readonly clock: Clock;
}

/** What admins do from a chat or from the console's command line: forms, and lines that fill them in. */
export function createAdministering({ db, config, conversation, managing, clock }: AdministeringOptions): {
  readonly desk: Desk;
  readonly administration: Administration;
} {
  const { manage, permissions } = managing;
  const { report } = conversation;
  const rows = resourceStore(db, () => {});
  const channelName = async (channel: string) =>
    await conversation.adapters.get(channel.split(':')[0] ?? '')?.channelName?.(channel);
  const called = createCalled({ rows, channelName });
  const desk = createDesk({
    called,
    clock,
    audit: auditLog(db),
    resources: manage,
    undos: undoStore(db, clock),
    granters: createGranters({
      rows,
      permissions,
      admins: config.admins,
      personOf: manage.world.personOf,
    }),
    secretNames: secretNames({
      env: config.secretEnv,
      ...(config.secretsDir === undefined ? {} : { dir: config.secretsDir }),
    }),
  });
  const administration = createAdministration({
    desk,
    usage: createUsageReport({
      ...{ log: usageLog(db), clock },
      channelOf: (id) => conversation.adapters.get(id.split(':')[0] ?? '')?.channelOf?.(id),
      nameOfChannel: channelName,
      nameOf: called,
    }),
    approvals: {
      bot: conversation.bot,
      linkTo: async (id) => await conversation.adapters.get(id.split(':')[0] ?? '')?.linkTo?.(id),
    },
    trace: createReadTrace(ledger(db)),
    doctor: createDoctor({
      ...{ report, rows, clock, world: manage.world, adapters: conversation.adapters },
      databaseTime: () => databaseTime(db),
      dataDir: resolve(config.dataDir),
    }),
  });
  return { desk, administration };
}
