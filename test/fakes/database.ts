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
import { layEmbedded, type Template } from './templates.ts';

/** An open, migrated database of its own for one suite. */
export interface TestDatabase extends OpenDatabase {
  /** Of a PostgreSQL database; empty for an embedded one. */
  readonly url: string;
}

/** A new database on the shared PostgreSQL server, without tables or with all of them; its URL. */
export async function createPostgresDatabase(template: Template = 'empty'): Promise<string> {
  const name = `t_${randomUUID().replaceAll('-', '')}`;
  const client = new pg.Client({ connectionString: inject('postgresUrl') });
  await client.connect();
  await client.query(`create database ${name} template ${template === 'empty' ? 'template1' : 'migrated'}`);
  await client.end();
  const url = new URL(inject('postgresUrl'));
  url.pathname = `/${name}`;
  return url.href;
}

export function openTestPostgres(): Promise<TestDatabase> {
  return openPostgres('migrated');
}

export function openTestEmbedded(): Promise<TestDatabase> {
  return openFolder('migrated');
}

async function openPostgres(template: Template): Promise<TestDatabase> {
  const url = await createPostgresDatabase(template);
  const database = await openPostgresql({ url, log: silentLog, poolSize: 10, connectTimeoutMs: 5000 });
  await migrate(database.db);
  return { ...database, url };
}

async function openFolder(template: Template): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'ai-ops-embedded-'));
  await layEmbedded(folder, template);
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

/** Both, migrated anew: rows that migrations insert have ids of their own in each, as in real houses. */
export const freshDatabases = {
  postgresql: () => openPostgres('empty'),
  embedded: () => openFolder('empty'),
} as const;
