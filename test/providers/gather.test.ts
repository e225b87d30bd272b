import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { type Batch, gather } from '../../src/providers/gather.ts';
import type { VendorEvent } from '../../src/providers/vendor.ts';

const text = (said: string): VendorEvent => ({ type: 'text', text: said });
const stop: VendorEvent = { type: 'stop', reason: 'end' };

async function* stream(...parts: readonly (VendorEvent | 'later' | Error)[]): AsyncGenerator<VendorEvent> {
  for (const part of parts) {
    if (part instanceof Error) throw part;
    if (part === 'later') for (let ticks = 0; ticks < 5; ticks++) await setImmediate();
    else yield part;
  }
}

async function batches(of: AsyncIterator<Batch>): Promise<readonly Batch[]> {
  const all: Batch[] = [];
  for (let next = await of.next(); next.done !== true; next = await of.next()) all.push(next.value);
  return all;
}

it('joins the pieces of text that arrive together, and keeps the order of all else', async () => {
  const events = stream(text('All '), text('pods '), { type: 'alive' }, text('run.'), stop);
  expect(await batches(gather(events))).toEqual([[text('All pods '), { type: 'alive' }, text('run.'), stop]]);
});

it('gives what came first before the rest has come', async () => {
  const events = stream(text('All '), 'later', text('pods run.'), 'later', stop);
  expect(await batches(gather(events))).toEqual([[text('All ')], [text('pods run.')], [stop]]);
});

it('gives what came before a failure, and then fails as the stream did', async () => {
  const lost = new Error('cut off');
  const gathered = gather(stream(text('All '), text('pods'), lost));
  expect(await gathered.next()).toEqual({ done: false, value: [text('All pods')] });
  await expect(gathered.next()).rejects.toBe(lost);
});

it('fails with whatever a stream throws, nothing included', async () => {
  const throwing: AsyncIterable<VendorEvent> = {
    [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(undefined) }),
  };
  await expect(gather(throwing).next()).rejects.toBeUndefined();
});

it('does not begin before it is asked, and reads a thousand events ahead at most', async () => {
  let given = 0;
  const endless: AsyncIterable<VendorEvent> = {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        given += 1;
        if (given % 100 === 0) await setImmediate();
        return { done: false, value: text('.') };
      },
    }),
  };
  const gathered = gather(endless);
  for (let ticks = 0; ticks < 20; ticks++) await setImmediate();
  expect(given).toBe(0);
  await gathered.next();
  for (let ticks = 0; ticks < 100; ticks++) await setImmediate();
  const ahead = given;
  expect(ahead).toBeGreaterThan(1000);
  for (let ticks = 0; ticks < 20; ticks++) await setImmediate();
  expect(given).toBe(ahead);
  await gathered.next();
  for (let ticks = 0; ticks < 20; ticks++) await setImmediate();
  expect(given).toBeGreaterThan(ahead);
});

it('ends the stream when nobody listens any more', async () => {
  let isEnded = false;
  async function* watched(): AsyncGenerator<VendorEvent> {
    try {
      yield text('All ');
      yield text('pods');
    } finally {
      isEnded = true;
    }
  }
  const gathered = gather(watched());
  await gathered.next();
  await gathered.return?.();
  expect(isEnded).toBe(true);
});
