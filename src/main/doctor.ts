import { statfs } from 'node:fs/promises';
import type { ChatAdapter } from '../chat/adapter.ts';
import type { DeskCaller } from '../chat/desk.ts';
import { ForbiddenError } from '../chat/errors.ts';
import { type Finding, findingsText } from '../chat/finding.ts';
import type { HealthReport } from '../http/health.ts';
import type { Clock } from '../observe/port.ts';
import type { Row } from '../resources/definition.ts';
import { nameOf } from '../resources/input.ts';
import { llmMiddleware, problemNow } from '../resources/llm-middleware.ts';
import { answering } from '../resources/llm-models.ts';
import { mcpServers } from '../resources/mcp-servers.ts';
import { displayOf } from '../resources/present.ts';
import type { Rows } from '../resources/rows.ts';
import type { World } from '../resources/world.ts';

export interface DoctorOptions {
  readonly report: () => Promise<HealthReport>;
  readonly rows: Rows;
  readonly world: World;
  readonly adapters: ReadonlyMap<string, ChatAdapter>;
  /** What time it is for the database. */
  readonly databaseTime: () => Promise<Date>;
  readonly dataDir: string;
  readonly clock: Clock;
}

/** Calling models and servers is what its actions need. */
const needed = ['ai_ops.change_llmmodel', 'ai_ops.change_mcpserver'];
const [alarmingMs, fullShare, leastFree, mostChecked] = [5000, 0.95, 500 * 1024 * 1024, 50];

/** Looks at everything that can be wrong, and says how to mend it. */
export function createDoctor(options: DoctorOptions): (by: DeskCaller) => Promise<string> {
  const { adapters } = options;
  return async (by) => {
    const missing = needed.filter((permission) => !by.permissions.has(permission));
    if (missing.length > 0) throw new ForbiddenError(`This needs the permission ${missing.join(' and ')}.`);
    const found = await Promise.all([
      storeFindings(options),
      clockFinding(options),
      diskFinding(options.dataDir),
      modelFindings(options, by),
      layerFindings(options),
      serverFindings(options),
      ...[...adapters.values()].map(async (adapter) => (await adapter.examine?.()) ?? []),
    ]);
    return findingsText(found.flat());
  };
}

async function storeFindings({ report }: DoctorOptions): Promise<readonly Finding[]> {
  const { database, redis } = await report();
  return [
    database.status === 'ok'
      ? { about: 'Database', status: 'ok', found: database.detail ?? 'It answers.' }
      : {
          about: 'Database',
          status: 'failed',
          found: database.detail ?? 'It does not answer.',
          fix: 'Check DATABASE_URL, and whether PostgreSQL runs and takes more connections.',
        },
    redis.status === 'failed'
      ? {
          about: 'Redis',
          status: 'warning',
          found: redis.detail ?? 'It does not answer.',
          fix: 'Check REDIS_URL. The bot goes on without it, from the database.',
        }
      : {
          about: 'Redis',
          status: 'ok',
          found: redis.status === 'absent' ? 'None is configured, and none is needed.' : 'It answers.',
        },
  ];
}

async function clockFinding({ databaseTime, clock }: DoctorOptions): Promise<Finding> {
  const about = 'Clock of the database';
  const theirs = await databaseTime().catch(() => undefined);
  if (theirs === undefined)
    return { about, status: 'unknown', found: 'The database did not say what time it is.' };
  const apart = Math.abs(theirs.getTime() - clock.now());
  const found = `It is ${(apart / 1000).toFixed(1)} s apart from this process’s.`;
  if (apart < alarmingMs) return { about, status: 'ok', found };
  const fix = 'Set both clocks by NTP: leases and expiries depend on them.';
  return { about, status: 'warning', found, fix };
}

async function diskFinding(folder: string): Promise<Finding> {
  const about = 'Disk';
  try {
    const { bavail, blocks, bsize } = await statfs(folder);
    const free = bavail * bsize;
    const found = `${(free / 1024 ** 3).toFixed(1)} GiB are free where the data is.`;
    if (free > leastFree && bavail / blocks > 1 - fullShare) return { about, status: 'ok', found };
    return { about, status: 'warning', found, fix: `Make room on the volume of DATA_DIR (${folder}).` };
  } catch {
    const fix = `Make the folder of DATA_DIR (${folder}), and let the bot write to it.`;
    return { about, status: 'warning', found: 'The folder of the data cannot be looked at.', fix };
  }
}

async function modelFindings({ rows, world }: DoctorOptions, by: DeskCaller): Promise<readonly Finding[]> {
  const models = (await answering(rows)).slice(0, mostChecked);
  const [first] = models;
  if (first === undefined) {
    const found = 'None is enabled, so that nobody gets an answer.';
    return [{ about: 'Models', status: 'failed', found, fix: 'Write `models add`.' }];
  }
  const principal = by.author.principal;
  const tested = await Promise.all(models.map((row) => modelFinding(row, { world, principal })));
  const well = models.find((_row, n) => tested[n]?.status === 'ok');
  return models.length === 1 ? tested : [...tested, ...answerFindings(first, well)];
}

/** Which of several models answers, where that is not what people would think or want. */
function answerFindings(first: Row, well: Row | undefined): readonly Finding[] {
  const fix =
    well === undefined
      ? 'Mend one of them, and make it the default by `models set-default`.'
      : `Write \`models set-default ${String(well.name)}\`.`;
  const about = { about: 'Models', status: 'warning', fix } as const;
  if (first.is_default !== true)
    return [{ ...about, found: `No enabled one is the default: ${String(first.name)} answers.` }];
  if (well === undefined || well.id === first.id) return [];
  return [{ ...about, found: `The default, ${String(first.name)}, fails, and no other takes its place.` }];
}

async function modelFinding(
  row: Row,
  { world, principal }: { readonly world: World; readonly principal: string },
): Promise<Finding> {
  const about = `Model ${String(row.name)}`;
  const test = await world.testModel(row.id, principal);
  if (test.ok) return { about, status: 'ok', found: `It answered in ${test.latencyMs} ms.` };
  const fix = fixes[test.kind] ?? `Look at \`models show ${String(row.name)}\`, or disable it.`;
  return { about, status: 'failed', found: `${test.detail} (${test.kind})`, fix };
}

const fixes: Readonly<Record<string, string>> = {
  auth: 'Put a valid key where its secret reference points to.',
  permission: 'Give the key access to this model at its vendor.',
  not_found: 'Check the model’s name and its base_url.',
  rate_limited: 'Wait, or ask the vendor for a higher limit.',
  quota_exhausted: 'Top up the account at the vendor.',
  network: 'Check base_url, the proxy and the firewall.',
  timeout: 'Check whether the vendor is slow, and the way to it.',
};

/** Active layers that are left out, or lie oddly among the others. */
async function layerFindings({ rows, world }: DoctorOptions): Promise<readonly Finding[]> {
  const filters = [{ field: 'is_active', comparison: 'is' as const, values: ['true'] }];
  const page = await rows.list(llmMiddleware, { filters, order: [], limit: mostChecked, offset: 0 });
  const findings = page.rows.map(async (row) => {
    const found = await problemNow(row, rows, world);
    const name = displayOf(llmMiddleware, row);
    const fix = `Write \`middleware edit "${name}"\`, or \`middleware disable "${name}"\`.`;
    return found === '' ? [] : [{ about: `Middleware ${name}`, status: 'warning' as const, found, fix }];
  });
  return (await Promise.all(findings)).flat();
}

async function serverFindings({ rows, world }: DoctorOptions): Promise<readonly Finding[]> {
  const servers = await enabled(rows, mcpServers);
  return await Promise.all(servers.map((row) => serverFinding(row, world)));
}

async function serverFinding(row: Row, world: DoctorOptions['world']): Promise<Finding> {
  const [about, name] = [`Server ${String(row.name)}`, String(row.name)];
  if (nameOf(row.status) === 'Vulnerable') {
    const fix = `Write \`servers edit ${name} status=Healthy\` once it is safe.`;
    return { about, status: 'warning', found: 'It is marked as vulnerable, so it is not used.', fix };
  }
  const { healthy, message, latencyMs } = await world.checkServer(row.id);
  if (healthy) return { about, status: 'ok', found: `It answered in ${Math.round(latencyMs)} ms.` };
  const fix = `Start it or correct it by \`servers edit ${name}\`, or write \`servers disable ${name}\`.`;
  return { about, status: 'failed', found: message, fix };
}

async function enabled(rows: Rows, resource: typeof mcpServers): Promise<readonly Row[]> {
  const filters = [{ field: 'is_enabled', comparison: 'is', values: ['true'] }] as const;
  return (await rows.list(resource, { filters, order: [], limit: mostChecked, offset: 0 })).rows;
}
