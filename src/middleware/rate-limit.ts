import { z } from 'zod';
import type { LastWords } from '../agent/middleware.ts';
import { defineMiddleware, type Layer, type MiddlewareParts } from './definition.ts';
import { count, names, options, spelled } from './options.ts';
import type { TurnFacts } from './port.ts';
import type { Verdict, Window } from './rates.ts';

const limit = (what: string) => z.int().min(0).describe(`${what}; 0: no limit.`);

const shape = {
  requests_per_minute: limit('Turns in any minute').default(60),
  requests_per_hour: limit('Turns in any hour').default(1000),
  requests_per_day: limit('Turns in any day').default(10_000),
  burst: limit('Turns in any ten seconds').default(10),
  per: z
    .array(z.enum(['user', 'channel', 'model']))
    .min(1)
    .default(['user'])
    .describe('Whose turns are counted together; each that is named has the limits for itself.'),
  exempt: names
    .default([])
    .describe('Whoever’s principal begins with one of these is not limited: `token:`, `slack:T0A:U0B`.'),
  sliding_window: z
    .literal(true, {
      error: 'Only true: a window that begins anew would let twice as many through at its edge.',
    })
    .default(true),
  queue_requests: z.boolean().default(false).describe('Who is too fast waits, instead of being refused.'),
  max_queue_size: count.max(10_000).default(100).describe('How many may wait in one process.'),
  max_wait_seconds: count.max(600).default(60).describe('Who would wait longer is refused.'),
};

const shortNames: Readonly<Record<string, string>> = {
  rpm: 'requests_per_minute',
  rph: 'requests_per_hour',
  rpd: 'requests_per_day',
};

const shortlySpelled = spelled(Object.keys(shortNames));

const config = z.preprocess((value) => {
  const given = shortlySpelled(value);
  if (typeof given !== 'object' || given === null) return given;
  const entries = Object.entries(given).map(([key, inner]: [string, unknown]) => [
    Object.hasOwn(shortNames, key) ? shortNames[key] : key,
    inner,
  ]);
  return Object.fromEntries(entries);
}, options(shape));

type Config = z.infer<typeof config>;

const name = 'RateLimitMiddleware';

/** Limits how many turns begin, over all replicas. A turn counts once, however often it pauses. */
export const rateLimit = defineMiddleware({
  name,
  description: 'Limits how many turns a user, a channel or a model may begin.',
  priority: 20,
  config,
  build,
});

function build(config: Config, parts: MiddlewareParts): Layer {
  const { turn: facts, turnSignal, status, metrics } = parts;
  const windows = windowsOf(config);
  const keys = config.per.flatMap((scope) => keyOf(scope, facts));
  const isExempt = config.exempt.some((beginning) => facts.asker.startsWith(beginning));
  if (windows.length === 0 || keys.length === 0 || isExempt) return {};

  async function admit(): Promise<LastWords | undefined> {
    for (const key of keys) {
      const refusal = await admitTo(key);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }

  async function admitTo(key: string): Promise<LastWords | undefined> {
    const until = performance.now() + config.max_wait_seconds * 1000;
    for (;;) {
      const verdict = await parts.rates.hit(key, windows);
      if (verdict.isAllowed) return undefined;
      const isTooLong = performance.now() + verdict.retryAfterMs > until;
      if (!config.queue_requests || isTooLong) return refusalOf(verdict);
      metrics.middlewareActed(name, 'queued');
      status('is waiting, because too many questions came at once…');
      const queue = { most: config.max_queue_size, signal: turnSignal };
      if (!(await parts.rates.wait(verdict.retryAfterMs, queue))) return refusalOf(verdict);
    }
  }

  return {
    async turn(input, next) {
      const refusal = input.activation === 'start' ? await admit() : undefined;
      if (refusal === undefined) return await next(input);
      metrics.middlewareActed(name, 'limited');
      return { status: 'failed', said: refusal };
    },
  };
}

const lengths = { minute: 60_000, hour: 3_600_000, day: 86_400_000, burst: 10_000 } as const;

function windowsOf(config: Config): readonly Window[] {
  const all = [
    { limit: config.burst, ms: lengths.burst },
    { limit: config.requests_per_minute, ms: lengths.minute },
    { limit: config.requests_per_hour, ms: lengths.hour },
    { limit: config.requests_per_day, ms: lengths.day },
  ];
  return all.filter((window) => window.limit > 0);
}

function keyOf(scope: Config['per'][number], { model, asker, channel }: TurnFacts): readonly string[] {
  switch (scope) {
    case 'user':
      return [`${model} user ${asker}`];
    case 'channel':
      return channel === undefined ? [] : [`${model} channel ${channel}`];
    case 'model':
      return [`${model} all`];
    default:
      return scope satisfies never;
  }
}

function refusalOf({ window, retryAfterMs }: Extract<Verdict, { isAllowed: false }>): LastWords {
  const text = `Too many questions came: ${window.limit} in ${lengthText(window.ms)} are allowed. Ask again in ${waitText(retryAfterMs)}.`;
  return { status: 'failed', code: 'rate_limited', text };
}

function lengthText(ms: number): string {
  const found = Object.entries(lengths).find(([, length]) => length === ms)?.[0];
  return found === undefined || found === 'burst'
    ? `${ms / 1000} seconds`
    : `${found === 'hour' ? 'an' : 'a'} ${found}`;
}

function waitText(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  if (seconds < 100) return seconds === 1 ? 'a second' : `${seconds} seconds`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 100 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`;
}
