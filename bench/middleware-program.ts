/**
 * A program that runs the agent loop inside chains of middleware, with a model that answers at once, and says
 * what a turn takes.
 */
import { z } from 'zod';
import type { ModelEvent } from '../src/agent/provider.ts';
import { defaultChain } from '../src/middleware/chain.ts';
import { acting, call, calls, openRig, type Row, tool } from '../test/middleware/harness.ts';
import { serve } from './program.ts';
import { work } from './work.ts';

const chainNames = ['empty', 'default', 'ten'] as const;
const questions = z.object({ chain: z.enum(chainNames), turns: z.int().positive() });

const ten: readonly Row[] = [
  ...defaultChain,
  { type: 'ModelCallLimitMiddleware', priority: 5 },
  { type: 'CircuitBreakerMiddleware', priority: 58 },
  { type: 'ModelFallbackMiddleware', priority: 55, config: { models: ['second'] } },
  { type: 'CostTrackingMiddleware', priority: 95, config: { alert_threshold: 1000 } },
];

const chains: Readonly<Record<(typeof chainNames)[number], readonly Row[]>> = {
  empty: [],
  default: defaultChain,
  ten,
};

const pieces: readonly ModelEvent[] = Array.from({ length: 40 }, (_, n) => ({ type: 'text', text: `${n} ` }));
const usage = { input: 900, output: 80, cacheRead: 0, cacheWrite: 0, reasoning: 0 };
const used: ModelEvent = { type: 'usage', usage, cost: { usd: 0.001, isWhole: true } };
const asks = [used, ...calls(call('call_1', 'look'))];
const tells: readonly ModelEvent[] = [...pieces, used, { type: 'stop', reason: 'end' }];

/** Milliseconds per turn: processor time and time on the wall. */
async function measured(rows: readonly Row[], turns: number) {
  const main = acting(...Array.from({ length: turns }, () => [asks, tells]).flat());
  const look = tool('look', async () => ({ text: work.result, isError: false }));
  const rig = await openRig({ rows, models: { main }, tools: [look] });
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  for (let n = 0; n < turns; n++) {
    const { status } = await rig.turn({ question: work.question, asker: `slack:T1:U${n}` });
    if (status !== 'done') throw new Error(`the turn was ${status}`);
  }
  const { user, system } = process.cpuUsage(cpu);
  return { cpuMs: (user + system) / 1000 / turns, wallMs: (performance.now() - startedAt) / turns };
}

serve({
  ready: true,
  async answer(raw) {
    const { chain, turns } = questions.parse(raw);
    return await measured(chains[chain], turns);
  },
});
