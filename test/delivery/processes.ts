import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnv } from '../fakes/child-env.ts';

const entry = fileURLToPath(new URL('./worker.ts', import.meta.url));

/** A bot in a process of its own. */
export interface BotProcess {
  readonly child: ChildProcess;
  /** Where it listens. */
  readonly url: string;
  readonly alive: () => boolean;
  kill(signal: NodeJS.Signals): Promise<void>;
}

/** Starts a bot and waits until it serves. */
export async function startBotProcess(env: Readonly<Record<string, string>>): Promise<BotProcess> {
  const dataDir = await mkdtemp(join(tmpdir(), 'ai-ops-process-'));
  const child = fork(entry, {
    env: { ...childEnv(), PORT: '0', DATA_DIR: dataDir, ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit').then(() => rm(dataDir, { recursive: true, force: true }));
  const [message] = await Promise.race([
    once(child, 'message'),
    exited.then(() => Promise.reject(new Error('the bot process ended before it served'))),
  ]);
  return {
    child,
    url: message.url,
    alive: () => child.exitCode === null && child.signalCode === null,
    async kill(signal) {
      child.kill(signal);
      if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') await exited;
    },
  };
}

/** Delivers an event as platforms do: again and again until it is acknowledged. */
export async function deliver(target: () => BotProcess | undefined, event: object): Promise<void> {
  for (let attempt = 0; attempt < 1200; attempt += 1) {
    const url = target()?.url;
    const ok = url !== undefined && (await post(`${url}/fake/events`, event));
    if (ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('an event was never acknowledged');
}

async function post(url: string, body: object): Promise<boolean> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(3000),
    });
    return response.ok;
  } catch {
    return false;
  }
}
