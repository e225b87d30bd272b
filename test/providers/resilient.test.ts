import { describe, expect, it } from 'vitest';
import { type ModelRequest, ProviderError, type ProviderErrorKind } from '../../src/agent/provider.ts';
import { type ResilientOptions, resilient } from '../../src/providers/resilient.ts';
import type { Vendor, VendorEvent } from '../../src/providers/vendor.ts';
import { recordingLog } from '../fakes/recording-log.ts';
import { ask, hear } from './hear.ts';

const text = (words: string): VendorEvent => ({ type: 'text', text: words });
const stop: VendorEvent = { type: 'stop', reason: 'end' };
const alive: VendorEvent = { type: 'alive' };
const pass = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const never = new Promise<never>(() => undefined);

type Try = (signal: AbortSignal, request: ModelRequest) => AsyncIterable<VendorEvent>;

/** A vendor whose nth try is the nth function; it counts its tries and remembers their signals. */
function scripted(...tries: readonly Try[]) {
  const signals: AbortSignal[] = [];
  const vendor: Vendor = {
    label: 'Test model',
    stream: (request, signal) => {
      const next = tries[signals.length];
      signals.push(signal);
      if (next === undefined) throw new Error('one try too many');
      return next(signal, request);
    },
    classify: (error) => new ProviderError('network', String(error)),
  };
  return { vendor, signals };
}

function quick(vendor: Vendor, options: ResilientOptions = {}) {
  return resilient(vendor, { idleMs: 50, sleep: async () => undefined, random: () => 0, ...options });
}

const answers = (words: string): Try =>
  async function* () {
    yield text(words);
    yield stop;
  };
const fails = (kind: ProviderErrorKind): Try =>
  async function* () {
    yield text('half ');
    throw new ProviderError(kind, kind);
  };

describe('a call that fails', () => {
  it.each(['rate_limited', 'overloaded', 'network', 'timeout', 'protocol'] as const)(
    'is tried again when it is %s',
    async (kind) => {
      const { vendor, signals } = scripted(fails(kind), answers('whole'));
      const heard = await hear(quick(vendor), ask('?'));
      expect(heard).toMatchObject({ text: 'whole', restarts: 1, stops: ['end'], error: undefined });
      expect(signals).toHaveLength(2);
    },
  );

  it.each([
    'auth',
    'permission',
    'not_found',
    'quota_exhausted',
    'context_overflow',
    'bad_request',
    'content_filtered',
    'aborted',
  ] as const)('is not tried again when it is %s', async (kind) => {
    const { vendor, signals } = scripted(fails(kind));
    expect((await hear(quick(vendor), ask('?'))).error).toMatchObject({ kind });
    expect(signals).toHaveLength(1);
  });

  it('waits twice as long each time, with jitter, and never longer than allowed', async () => {
    const waits: number[] = [];
    const sleep = async (ms: number) => waits.push(ms);
    const { vendor } = scripted(...Array.from({ length: 6 }, () => fails('overloaded')));
    await hear(quick(vendor, { retries: 5, sleep, random: () => 1, maxWaitMs: 3_000 }), ask('?'));
    expect(waits).toEqual([500, 1_000, 2_000, 3_000, 3_000]);
  });

  it('begins again once for every failure after something was said', async () => {
    const { vendor } = scripted(fails('network'), fails('network'), answers('whole'));
    const { events } = await hear(quick(vendor), ask('?'));
    expect(events.map((event) => event.type)).toEqual(['text', 'restart', 'text', 'restart', 'text', 'stop']);
  });

  it('throws a ProviderError even when the vendor cannot name its own error', async () => {
    const { vendor } = scripted(() => {
      throw new Error('odd');
    });
    const classify = () => {
      throw new Error('odder');
    };
    const { error } = await hear(quick({ ...vendor, classify }, { retries: 0 }), ask('?'));
    expect(error).toMatchObject({ kind: 'protocol' });
  });

  it('leaves no stream of a failed try open', async () => {
    const { vendor, signals } = scripted(fails('network'), answers('whole'));
    await hear(quick(vendor), ask('?'));
    expect(signals.map((signal) => signal.aborted)).toEqual([true, false]);
  });
});

describe('the end of a stream', () => {
  it('is one stop, whatever the vendor says after it', async () => {
    const { vendor } = scripted(async function* () {
      yield text('done');
      yield stop;
      yield text('more');
      yield stop;
    });
    const heard = await hear(quick(vendor), ask('?'));
    expect(heard).toMatchObject({ text: 'done', stops: ['end'], error: undefined });
  });

  it('is not a failure when the connection breaks after the stop', async () => {
    const { vendor, signals } = scripted(async function* () {
      yield stop;
      throw new TypeError('terminated');
    });
    expect(await hear(quick(vendor), ask('?'))).toMatchObject({ stops: ['end'], error: undefined });
    expect(signals[0]?.aborted).toBe(true);
  });

  it('does not wait for a vendor that never closes', async () => {
    const { vendor, signals } = scripted(async function* () {
      yield stop;
      await never;
    });
    expect(await hear(quick(vendor), ask('?'))).toMatchObject({ stops: ['end'], error: undefined });
    expect(signals[0]?.aborted).toBe(true);
  });

  it('without a stop is a protocol error', async () => {
    const { vendor } = scripted(async function* () {
      yield text('half');
    });
    expect((await hear(quick(vendor, { retries: 0 }), ask('?'))).error).toMatchObject({ kind: 'protocol' });
  });
});

describe('a silent stream', () => {
  it('times out even when the vendor does not listen to its signal', async () => {
    const { vendor, signals } = scripted(async function* () {
      yield text('half');
      await never;
    });
    const { error } = await hear(quick(vendor, { retries: 0 }), ask('?'));
    expect(error).toMatchObject({ kind: 'timeout' });
    expect(error?.message).toBe(
      'Test model: timeout. Nothing was received for 50 ms. The vendor was silent for too long; try again later or allow more time.',
    );
    expect(signals[0]?.aborted).toBe(true);
  });

  it('has its own limit before the first event', async () => {
    const slowStart: Try = async function* () {
      await pass(120);
      yield stop;
    };
    const { vendor } = scripted(slowStart, slowStart);
    const options = { retries: 0 };
    expect((await hear(quick(vendor, options), ask('?'))).error).toMatchObject({ kind: 'timeout' });
    expect(await hear(quick({ ...vendor, firstEventMs: 5_000 }, options), ask('?'))).toMatchObject({
      stops: ['end'],
      error: undefined,
    });
  });

  it('is not silent while a long tool call is on its way', async () => {
    const { vendor } = scripted(async function* () {
      for (let piece = 0; piece < 8; piece++) {
        await pass(15);
        yield alive;
      }
      yield stop;
    });
    expect(await hear(quick(vendor, { retries: 0 }), ask('?'))).toMatchObject({
      stops: ['end'],
      error: undefined,
    });
  });

  it('is not silent while its listener is busy', async () => {
    const { vendor } = scripted(answers('whole'));
    const heard: string[] = [];
    for await (const event of quick(vendor, { retries: 0 })(ask('?'), new AbortController().signal)) {
      heard.push(event.type);
      await pass(80);
    }
    expect(heard).toEqual(['text', 'stop']);
  });
});

describe('an abort', () => {
  it('ends a wait between tries', async () => {
    const caller = new AbortController();
    const { vendor, signals } = scripted(fails('overloaded'));
    const provider = resilient(vendor, { firstWaitMs: 60_000, maxWaitMs: 60_000 });
    setTimeout(() => caller.abort(), 20);
    const startedAt = performance.now();
    const { error } = await hear(provider, ask('?'), { signal: caller.signal });
    expect(error).toMatchObject({ kind: 'aborted' });
    expect(performance.now() - startedAt).toBeLessThan(20_000);
    expect(signals).toHaveLength(1);
  });

  it('ends a stream that does not listen to its signal', async () => {
    const caller = new AbortController();
    const { vendor } = scripted(async function* () {
      yield text('half');
      await never;
    });
    const provider = quick(vendor, { idleMs: 60_000 });
    const { error } = await hear(provider, ask('?'), { signal: caller.signal, on: () => caller.abort() });
    expect(error).toMatchObject({ kind: 'aborted' });
  });

  it('leaves no timer behind', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    const caller = new AbortController();
    const { vendor } = scripted(async function* () {
      yield text('half');
      await never;
    });
    const options = { signal: caller.signal, on: () => setImmediate(() => caller.abort()) };
    await hear(quick(vendor, { idleMs: 600_000 }), ask('?'), options);
    expect(timers()).toBe(before);
  });
});

it('names the turn in the log when a call is tried again', async () => {
  const { log, entries } = recordingLog();
  const { vendor } = scripted(fails('network'), answers('whole'));
  await hear(quick(vendor, { log }), ask('?', { turnId: 'turn-7' }));
  expect(entries).toEqual([['provider_retry', expect.objectContaining({ turn_id: 'turn-7', retry: 0 })]]);
});
