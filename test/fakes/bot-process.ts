import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { childEnv } from './child-env.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** The bot as `npm start` runs it, in a process of its own. */
export interface BotProcess {
  readonly pid: number;
  /** Everything it wrote so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when it has ended, with its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
}

/** Runs `node src/main.ts` with these variables and no others but those of `childEnv`. */
export function spawnBot(env: Readonly<Record<string, string>>): BotProcess {
  const child = spawn(process.execPath, [main], {
    env: { ...childEnv(), PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  return {
    pid: child.pid ?? 0,
    stdout,
    stderr,
    kill: (signal) => void child.kill(signal),
    ended: ending(child),
  };
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.on('data', (chunk) => {
    text += chunk;
  });
  return () => text;
}

/** After `close`, so that nothing it wrote is missing. */
async function ending(child: ChildProcess): Promise<number | NodeJS.Signals> {
  await once(child, 'close');
  return child.exitCode ?? child.signalCode ?? 'SIGKILL';
}

/** A bot that serves. */
export interface ServingBot extends BotProcess {
  readonly url: string;
  /** Speaks to it with the admin token `test-token-long-enough`. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Asks over the chat API, and gives the HTTP answer. */
  ask(message: string, threadId: string): Promise<Response>;
}

/** Runs the bot and waits until it serves. */
export async function startBot(env: Readonly<Record<string, string>>): Promise<ServingBot> {
  const bot = spawnBot({ AI_OPS_ADMIN_TOKEN: 'test-token-long-enough', ...env });
  let code: number | NodeJS.Signals | undefined;
  void bot.ended.then((ended) => {
    code = ended;
  });
  let url: string | undefined;
  while (url === undefined) {
    if (code !== undefined) throw new Error(`the bot ended with ${code}: ${bot.stderr()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
    url = /"event":"started","url":"([^"]+)"/.exec(bot.stdout())?.[1];
  }
  const base = url;
  const call = (path: string, init: RequestInit = {}) =>
    fetch(new URL(path, base), {
      ...init,
      headers: { authorization: 'Token test-token-long-enough', ...init.headers },
    });
  return {
    ...bot,
    url: base,
    fetch: call,
    ask: (message, threadId) =>
      call('/plugins/ai-ops/api/chat/', {
        method: 'POST',
        body: JSON.stringify({ message, thread_id: threadId }),
      }),
  };
}

/** The processes of MCP servers that a bot with this DATA_DIR has written down. */
export async function serverPids(dataDir: string): Promise<readonly number[]> {
  const folder = join(dataDir, 'children');
  const files = await readdir(folder);
  const records = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  return records.map((record) => z.object({ pid: z.number() }).parse(JSON.parse(record)).pid);
}
