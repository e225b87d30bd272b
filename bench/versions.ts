import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { promisify } from 'node:util';
import type pg from 'pg';
import { z } from 'zod';

/** What was measured, and on what. */
export interface Versions {
  /** Short; with `+` when files differ from it. Absent outside of a git tree. */
  readonly commit?: string;
  readonly node: string;
  /** Of npm packages. */
  readonly packages: Readonly<Record<string, string>>;
  readonly postgresql: string;
  /** PostgreSQL's settings that decide what a commit costs. */
  readonly durability: Readonly<Record<string, string>>;
  readonly processor: string;
  readonly processors: number;
}

const packages = ['openai', '@modelcontextprotocol/sdk', 'pg', 'kysely', 'fastify'] as const;
const settings = ['fsync', 'synchronous_commit', 'full_page_writes'] as const;

export async function readVersions(database: pg.Client): Promise<Versions> {
  const commit = await readCommit();
  const processors = cpus();
  const durability: Record<string, string> = {};
  for (const name of settings) durability[name] = await show(database, name);
  const installed = packages.map(async (name) => [name, await packageVersion(name)] as const);
  return {
    ...(commit === undefined ? {} : { commit }),
    node: process.version,
    packages: Object.fromEntries(await Promise.all(installed)),
    postgresql: await show(database, 'server_version'),
    durability,
    processor: processors[0]?.model.trim() ?? 'unknown',
    processors: processors.length,
  };
}

async function show(database: pg.Client, name: string): Promise<string> {
  const { rows } = await database.query<Record<string, string>>(`show ${name}`);
  return rows[0]?.[name] ?? 'unknown';
}

const manifest = z.object({ version: z.string() });

async function packageVersion(name: string): Promise<string> {
  const url = new URL(`../node_modules/${name}/package.json`, import.meta.url);
  return manifest.parse(JSON.parse(await readFile(url, 'utf8'))).version;
}

async function readCommit(): Promise<string | undefined> {
  const git = async (...args: readonly string[]) =>
    (await promisify(execFile)('git', [...args], { cwd: import.meta.dirname })).stdout.trim();
  try {
    const commit = await git('rev-parse', '--short', 'HEAD');
    return (await git('status', '--porcelain', '--untracked-files=no')) === '' ? commit : `${commit}+`;
  } catch {
    return undefined;
  }
}
