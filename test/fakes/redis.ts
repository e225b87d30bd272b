import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePort, listening } from './ports.ts';

/** A real Redis server for tests. */
export interface RedisServer {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/**
 * Starts `redis-server` on a free loopback port, keeping nothing on disk. Undefined where it is not
 * installed; no npm package brings it. In CI that is an error instead.
 */
export async function startRedis(port?: number): Promise<RedisServer | undefined> {
  const chosen = port ?? (await freePort());
  const child = spawn(
    'redis-server',
    ['--port', String(chosen), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
    {
      stdio: 'ignore',
    },
  );
  const started = await Promise.race([listening(chosen), once(child, 'error').then(() => false)]);
  if (!started) {
    if (process.env.CI) throw new Error('redis-server is not installed; in CI its suites must run.');
    return undefined;
  }
  return {
    url: `redis://127.0.0.1:${chosen}`,
    pid: child.pid ?? 0,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
