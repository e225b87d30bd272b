import { expect, test } from 'vitest';
import { createSubscriptions } from '../../../src/tools/mcp/subscriptions.ts';

const limitsUntil = (signal: AbortSignal) => ({ signal, timeoutMs: 1000, maxTotalMs: 1000 });

test('a resource is not kept when the one who first wanted it went away before it was subscribed to', async () => {
  const asked: string[] = [];
  let isSlow = true;
  const subscriptions = createSubscriptions({
    abilities: () => ({ tools: true, resources: true, subscriptions: true, prompts: false }),
    ask: async ({ method, signal }) => {
      asked.push(method);
      if (isSlow)
        await new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason)),
        );
      return { type: 'result', result: {} };
    },
  });
  const leaving = new AbortController();
  const first = expect(subscriptions.read('book://1', limitsUntil(leaving.signal))).rejects.toThrow();
  leaving.abort();
  await first;
  isSlow = false;
  await subscriptions.read('book://1', limitsUntil(new AbortController().signal));
  expect(asked).toEqual(['resources/subscribe', 'resources/subscribe', 'resources/read']);
});
