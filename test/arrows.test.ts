import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Which rooms a room may import from. Every room may also import the ports of others: files named
 * `port.ts`, which hold contracts and nothing that runs but error classes and constants.
 */
const arrows: Readonly<Record<string, readonly string[]>> = {
  'src/chat': [],
  'src/agent': [],
  // The audit chain is made of hashes over JSON in its one canonical form.
  'src/observe': ['src/agent'],
  'src/config': ['src/access'],
  'src/inbox': ['src/chat'],
  'src/bot': ['src/chat', 'src/agent', 'src/resources', 'src/access'],
  'src/providers': ['src/agent'],
  'src/middleware': ['src/agent'],
  // Which addresses are never reached is said once, beside the checks that must not reach them.
  'src/tools': ['src/agent', 'src/observe', 'src/servers'],
  'src/servers': [],
  'src/sessions': ['src/agent', 'src/chat'],
  'src/resources': ['src/chat', 'src/access', 'src/config'],
  'src/access': ['src/chat'],
  'src/schedules': ['src/chat', 'src/inbox'],
  'src/alerts': ['src/chat', 'src/inbox'],
  // Rows carry the words of chat and agent; the SQL behind a port throws that port's errors.
  'src/store': ['src/chat', 'src/agent', 'src/resources', 'src/sessions', 'src/observe'],
  'src/http': ['src/chat', 'src/resources', 'src/access'],
  'adapters/slack': ['src/chat', 'src/config'],
  'adapters/teams': ['src/chat', 'src/config'],
  'adapters/web': ['src/chat', 'src/config'],
  migrations: [],
};

/** Where a vendor's package may be imported from; all others are free. */
const homes: Readonly<Record<string, readonly string[]>> = {
  '@slack/bolt': ['adapters/slack'],
  botbuilder: ['adapters/teams'],
  'botframework-connector': ['adapters/teams'],
  openai: ['src/providers/openai'],
  '@azure/identity': ['src/providers/azure'],
  ollama: ['src/providers/ollama'],
  unpdf: ['src/providers/pdf'],
  '@anthropic-ai/sdk': ['src/providers/anthropic'],
  '@modelcontextprotocol/sdk': ['src/tools/mcp', 'src/servers/host'],
  kysely: ['src/store', 'migrations'],
  pg: ['src/store', 'migrations'],
  '@electric-sql/pglite': ['src/store', 'migrations'],
  ioredis: ['src/store'],
  'node-cron': ['src/schedules'],
  'openid-client': ['src/access'],
  fastify: ['src/http'],
  '@fastify/cookie': ['src/http'],
  '@fastify/rate-limit': ['src/http'],
  pino: ['src/observe'],
  'prom-client': ['src/observe'],
  systeminformation: ['src/servers/host'],
  react: ['adapters/web/client'],
};

interface Import {
  readonly from: string;
  readonly to: string;
}

const imports = await readImports(['src', 'adapters', 'migrations']);

describe('the arrows of DESIGN.md', () => {
  it('finds the sources', () => {
    expect(imports.length).toBeGreaterThan(100);
  });

  it('rooms import only what they may', () => {
    const broken = imports.filter(({ from, to }) => isRelative(to) && !mayImport(from, to));
    expect(broken.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  it('each vendor package is imported from its home alone', () => {
    const broken = imports.filter(({ from, to }) => !isRelative(to) && !isAtHome(from, to));
    expect(broken.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  it('only config reads the environment, and main hands it over', async () => {
    const readers = [];
    for (const file of await sources(['src', 'adapters', 'migrations'])) {
      const text = await readFile(join(root, file), 'utf8');
      if (text.includes('process.env') && file !== 'src/main.ts') readers.push(file);
    }
    expect(readers).toEqual([]);
  });
});

function isRelative(target: string): boolean {
  return target.startsWith('src/') || target.startsWith('adapters/') || target.startsWith('migrations/');
}

function roomOf(file: string): string {
  const room = Object.keys(arrows).find((name) => file === `${name}.ts` || file.startsWith(`${name}/`));
  return room ?? file;
}

function mayImport(from: string, to: string): boolean {
  if (from === 'src/main.ts' || from.startsWith('src/main/')) return true;
  const [own, other] = [roomOf(from), roomOf(to)];
  if (own === other || to.endsWith('/port.ts')) return true;
  return arrows[own]?.includes(other) ?? false;
}

function isAtHome(from: string, packageName: string): boolean {
  const home = homes[packageName];
  return home === undefined || home.some((place) => from.startsWith(place));
}

async function sources(folders: readonly string[]): Promise<readonly string[]> {
  const lists = folders.map(async (folder) => {
    const files = await readdir(join(root, folder), { recursive: true });
    return files
      .map((file) => `${folder}/${file}`)
      .filter((file) => /\.tsx?$/.test(file) && !file.includes('/dist/'));
  });
  return (await Promise.all(lists)).flat();
}

async function readImports(folders: readonly string[]): Promise<readonly Import[]> {
  const lists = (await sources(folders)).map(async (file) => {
    const text = await readFile(join(root, file), 'utf8');
    const targets = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '');
    return targets.map((target) => ({ from: file, to: resolveTarget(file, target) }));
  });
  return (await Promise.all(lists)).flat();
}

/** A file of the project relative to its root, or the package's name. */
function resolveTarget(file: string, target: string): string {
  if (target.startsWith('.')) return relative(root, normalize(join(root, dirname(file), target)));
  const parts = target.split('/');
  return target.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? target);
}
