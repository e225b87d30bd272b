import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { ModelNext } from '../../src/agent/middleware.ts';
import { type ModelRequest, noUsage } from '../../src/agent/provider.ts';
import { memoryStore } from '../../src/middleware/shared.ts';
import { answers, call, calls, openRig, overloaded, tool } from './harness.ts';

const turns = 1000;
const people = 20;

const questionOf = ({ messages }: ModelRequest) => messages.find(({ role }) => role === 'user')?.text ?? '';
const hasResult = ({ messages }: ModelRequest) => messages.some(({ role }) => role === 'tool');

/** Looks once, and then repeats the question and what was found; after a while that differs for each call. */
const talking = (name: string): ModelNext =>
  async function* (request) {
    const question = questionOf(request);
    await sleep(Number(/\d+/.exec(question)?.[0] ?? 0) % 3);
    if (!hasResult(request)) return yield* calls(call('a', 'look', { question }));
    const found = request.messages.find(({ role }) => role === 'tool')?.text ?? '';
    yield { type: 'text', text: `${name} says ${question} / ` };
    yield { type: 'text', text: found };
    yield { type: 'usage', usage: { ...noUsage, input: 1 }, model: name, cost: { usd: 1, isWhole: true } };
    yield { type: 'stop', reason: 'end' };
  };

const second = talking('second');
const main: ModelNext = async function* (request, signal) {
  if (questionOf(request).includes('hard')) {
    await sleep(1);
    throw overloaded;
  }
  yield* talking('main')(request, signal);
};

it(`${turns} turns at the same time share nothing but what they are to share`, async () => {
  const look = tool('look', async ({ question }) => {
    await sleep(1);
    return { text: `found for ${String(question)}`, isError: false };
  });
  const rig = await openRig({
    rows: [
      { type: 'ModelCallLimitMiddleware', config: { run_limit: 2 }, priority: 5 },
      { type: 'ToolCallLimitMiddleware', config: { run_limit: 1 }, priority: 10 },
      { type: 'ToolResultCacheMiddleware', config: { tools: { look: {} } }, priority: 15 },
      { type: 'BudgetMiddleware', config: { limits: [{ per: 'user', usd: 1_000_000 }] }, priority: 16 },
      {
        type: 'RateLimitMiddleware',
        config: { burst: 0, requests_per_minute: 10_000, requests_per_hour: 0 },
        priority: 20,
      },
      { type: 'CacheMiddleware', priority: 50 },
      { type: 'ModelFallbackMiddleware', config: { models: ['second'] }, priority: 55 },
      { type: 'CostTrackingMiddleware', config: { alert_threshold: 0.5 }, priority: 95 },
    ],
    models: { main, second },
    tools: [look],
    store: memoryStore(),
  });

  const all = await Promise.all(
    Array.from({ length: turns }, async (_, n) => {
      const kind = n % 3 === 0 ? 'hard' : 'easy';
      const question = `${kind} question ${n % 100} of ${n % people}`;
      const seen = await rig.turn({
        question,
        asker: `slack:T1:U${n % people}`,
        turnId: `t${n}`,
        threadId: `slack:T1:C1:${n % 50}`,
      });
      return { kind, question, seen };
    }),
  );

  for (const { kind, question, seen } of all) {
    const model = kind === 'hard' ? 'second' : 'main';
    expect(seen).toMatchObject({ status: 'done', text: `${model} says ${question} / found for ${question}` });
    expect(seen.shown.join('')).toBe(seen.text);
    const isCached = seen.notices.some((notice) => notice.includes('from the cache'));
    expect(seen.notices.includes('Answered by second, because main is overloaded.')).toBe(kind === 'hard');
    expect(seen.notices.some((notice) => notice.includes('has cost more'))).toBe(!isCached);
    expect(seen.steps.filter(({ type }) => type === 'model')).toHaveLength(2);
  }
});

it('lists, choices, cleared results and summaries are those of their own turns and threads', async () => {
  const own: ModelNext = async function* (request) {
    const question = request.messages.findLast(({ role }) => role === 'user')?.text ?? '';
    const [thread = ''] = /thread \d+/.exec(question) ?? [];
    await sleep(Number(/\d+/.exec(question)?.[0] ?? 0) % 3);
    if (request.system.includes('You choose tools')) return yield* answers('["look", "write_todos"]');
    if (request.system.includes('Answer with the summary')) return yield* answers(`Summary of ${thread}`);
    if (request.messages.at(-1)?.role === 'tool') return yield* answers(`${request.messages[0]?.text}`);
    yield* calls(call('a', 'write_todos', { todos: [{ content: question, status: 'pending' }] }));
  };
  const rig = await openRig({
    rows: [
      { type: 'LLMToolSelectorMiddleware', priority: 30 },
      { type: 'PIIMiddleware', priority: 50 },
      {
        type: 'SummarizationMiddleware',
        config: { trigger: { messages: 8 }, keep: { messages: 3 } },
        priority: 60,
      },
      { type: 'ContextEditingMiddleware', config: { edits: [{ trigger: 1, keep: 0 }] }, priority: 65 },
      { type: 'TodoListMiddleware', priority: 70 },
    ],
    models: { main: own },
    tools: [tool('look'), tool('dig')],
    store: memoryStore(),
  });
  const threads = 200;
  const all = await Promise.all(
    Array.from({ length: threads }, async (_, n) => {
      const history = Array.from({ length: 8 }, (_unused, at) =>
        at % 2 === 0
          ? ({ role: 'user', text: `thread ${n} said ${at}` } as const)
          : ({ role: 'assistant', text: `heard ${at}`, calls: [] } as const),
      );
      const question = `question of thread ${n}`;
      return {
        n,
        question,
        seen: await rig.turn({ question, threadId: `t:${n}`, turnId: `t${n}`, history }),
      };
    }),
  );
  for (const { n, question, seen } of all) {
    expect(seen).toMatchObject({
      status: 'done',
      notices: [`**The plan is not finished:**\n- ⬜ ${question}`],
    });
    expect(seen.text).toBe(`A summary of the conversation so far:\n\nSummary of thread ${n}`);
    expect(seen.state).toMatchObject({
      LLMToolSelectorMiddleware: ['look', 'write_todos'],
      ContextEditingMiddleware: [['a']],
    });
  }
});
