import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Acknowledged } from './acknowledge.ts';
import { startBot } from './bot.ts';
import { startProgram } from './program.ts';
import { startRelay } from './relay.ts';
import { percentile } from './statistics.ts';
import type { Model } from './subject.ts';

/** The bot in a Slack of its own. */
export interface InSlack {
  /** How long Slack waits for the acknowledgement of a signed event. */
  readonly acknowledge: Acknowledged;
  /** Resident set of the bot's own process on PostgreSQL with this one platform, before anybody writes. */
  readonly idleBytes: number;
}

export interface InSlackOptions {
  /** Of an empty database. */
  readonly databaseUrl: string;
  readonly modelUrl: string;
  readonly model: Model;
  readonly turns: number;
  readonly idleMs: number;
  readonly signal: AbortSignal;
}

const running = 50;
/** Before each of the two answers of the model: a turn takes five seconds, as turns with tools do. */
const thinkMs = 2500;

const readySchema = z.object({ team: z.string(), env: z.record(z.string(), z.string()) });

/**
 * Fifty people write direct messages, each in a thread of their own and about when the last one is answered by
 * the model, so that fifty turns run; first messages, which ask who somebody is, are left out.
 */
export async function measureInSlack(options: InSlackOptions): Promise<InSlack> {
  const { databaseUrl, modelUrl, model, turns, idleMs, signal } = options;
  const closers: (() => Promise<unknown>)[] = [];
  try {
    const folder = await mkdtemp(join(tmpdir(), 'ai-ops-bench-slack-'));
    closers.push(() => rm(folder, { recursive: true, force: true }));
    const slack = await startProgram('slack-server.ts');
    closers.push(slack.stop);
    const { team, env } = readySchema.parse(slack.ready);
    const rows = { tenants: [{ name: 'Acme', platform: 'slack', external_id: team }] };
    const bot = await startBot({ databaseUrl, modelUrl, servers: [], rows, folder, env });
    closers.push(bot.stop);
    await sleep(idleMs, undefined, { signal });
    const idleBytes = await bot.residentBytes();
    const relay = await startRelay(bot.url);
    closers.push(relay.close);
    await slack.ask({ type: 'deliver_to', url: relay.url });
    await model.think(thinkMs);
    await everybody(async (person) => {
      await slack.ask({ type: 'say', person, words: 'Hello.' });
    }, signal);
    const first = relay.times.length;
    await everybody(async (person) => {
      for (let turn = 0; turn < turns; turn++) {
        signal.throwIfAborted();
        await slack.ask({ type: 'say', person, words: `How are the disks? (${turn})` });
        await sleep(2 * thinkMs, undefined, { signal });
      }
    }, signal);
    await model.think(0);
    return { acknowledge: acknowledgedIn(relay.times.slice(first)), idleBytes };
  } finally {
    for (const close of closers.reverse()) await close().catch(() => undefined);
  }
}

/** They begin one after another, so that their messages do not come at once. */
async function everybody(act: (person: number) => Promise<void>, signal: AbortSignal): Promise<void> {
  const lanes = Array.from({ length: running }, async (_, person) => {
    await sleep((person * 2 * thinkMs) / running, undefined, { signal });
    await act(person);
  });
  await Promise.all(lanes);
}

function acknowledgedIn(samples: readonly number[]): Acknowledged {
  return {
    running,
    samples: samples.length,
    p50Ms: percentile(samples, 0.5),
    p99Ms: percentile(samples, 0.99),
    maxMs: Math.max(...samples),
  };
}
