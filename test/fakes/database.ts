import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { inject } from 'vitest';
import type { OpenDatabase } from '../../src/store/database.ts';
import { openEmbedded } from '../../src/store/embedded.ts';
import { migrate } from '../../src/store/migrate.ts';
import { openPostgresql } from '../../src/store/postgresql.ts';
import { silentLog } from './log.ts';

/** An open, migrated database of its own for one suite. */
export interface TestDatabase extends OpenDatabase {
  /** Of a PostgreSQL database; empty for an embedded one. */
  readonly url: string;
}

/** A new empty database on the shared PostgreSQL server; its URL. */
export async function createPostgresDatabase(): Promise<string> {
  const name = `t_${randomUUID().replaceAll('-', '')}`;
  const client = new pg.Client({ connectionString: inject('postgresUrl') });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  const url = new URL(inject('postgresUrl'));
  url.pathname = `/${name}`;
  return url.href;
}

export async function openTestPostgres(): Promise<TestDatabase> {
  const url = await createPostgresDatabase();
  const database = await openPostgresql({ url, log: silentLog, poolSize: 10, connectTimeoutMs: 5000 });
  await migrate(database.db);
  return { ...database, url };
}

export async function openTestEmbedded(): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'ai-ops-embedded-'));
  const database = await openEmbedded(folder);
  await migrate(database.db);
  return {
    ...database,
    url: '',
    async close() {
      await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Both databases, for suites that must hold on each. */
export const databases = { postgresql: openTestPostgres, embedded: openTestEmbedded } as const;
