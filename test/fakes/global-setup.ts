import { mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { migrate } from '../../src/store/migrate.ts';
import { openPostgresql } from '../../src/store/postgresql.ts';
import { silentLog } from './log.ts';
import { startPostgres } from './postgres.ts';
import { startRedis } from './redis.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A real PostgreSQL with a database `migrated` to copy; each suite makes a database of its own on it. */
    postgresUrl: string;
    /** A real Redis, or empty where no redis-server is installed. */
    redisUrl: string;
    /** A folder of this run, for what suites share. */
    sharedDir: string;
  }
}

/** Starts the servers that all suites share. What suites leave in their temporary folder goes with the run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const [postgres, redis, shared] = await Promise.all([
    startPostgres(),
    startRedis(),
    quickest().then((folder) => mkdtemp(join(folder, 'ai-ops-shared-'))),
  ]);
  await makeTemplate(postgres.url);
  project.provide('postgresUrl', postgres.url);
  project.provide('redisUrl', redis?.url ?? '');
  project.provide('sharedDir', shared);
  process.env.TMPDIR = shared;
  process.env.NODE_COMPILE_CACHE = join(shared, 'compiled');
  return async () => {
    await Promise.all([
      postgres.stop(),
      redis?.stop(),
      rm(shared, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }),
    ]);
  };
}

const memory = '/dev/shm';
const enough = 4 * 1024 ** 3;

/** Where suites put what they need for a moment: in memory where there is room, else where temporary files go. */
async function quickest(): Promise<string> {
  const { bavail, bsize } = await statfs(memory).catch(() => ({ bavail: 0, bsize: 0 }));
  return bavail * bsize >= enough ? memory : tmpdir();
}

/** The database `migrated`, which nobody stays connected to, so that it can be copied. */
async function makeTemplate(server: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  await client.query('create database migrated');
  await client.end();
  const url = new URL(server);
  url.pathname = '/migrated';
  const database = await openPostgresql({
    url: url.href,
    log: silentLog,
    poolSize: 1,
    connectTimeoutMs: 5000,
  });
  await migrate(database.db);
  await database.close();
}
