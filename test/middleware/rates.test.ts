import { describe, expect, it } from 'vitest';
import { budget } from '../../src/middleware/budget.ts';
import type { SharedStore } from '../../src/middleware/port.ts';
import { createRates } from '../../src/middleware/rates.ts';
import { memoryStore } from '../../src/middleware/shared.ts';
import { acting, answers, call, calls, frozenClock, openRig, type RigOptions, tool } from './harness.ts';

const fine = answers('Fine.');
const minute = { limit: 60, ms: 60_000 };

describe('a sliding window over replicas', () => {
  it('lets through its limit in any stretch of its length, and says when there is room again', async () => {
    const clock = frozenClock();
    const rates = createRates({ store: memoryStore(), clock });
    for (let n = 0; n < 30; n++) expect(await rates.hit('a', [minute])).toEqual({ isAllowed: true });
    clock.move(30_000);
    for (let n = 0; n < 30; n++) expect(await rates.hit('a', [minute])).toEqual({ isAllowed: true });
    expect(await rates.hit('a', [minute])).toMatchObject({ isAllowed: false, retryAfterMs: 31_000 });
    clock.move(31_000);
    expect(await rates.hit('a', [minute])).toEqual({ isAllowed: true });
    expect(await rates.hit('b', [minute])).toEqual({ isAllowed: true });
  });

  it('counts a refused one in none of its windows', async () => {
    const clock = frozenClock();
    const rates = createRates({ store: memoryStore(), clock });
    const windows = [
      { limit: 1, ms: 1000 },
      { limit: 3, ms: 60_000 },
    ];
    expect((await rates.hit('a', windows)).isAllowed).toBe(true);
    for (let n = 0; n < 5; n++) expect((await rates.hit('a', windows)).isAllowed).toBe(false);
    for (let n = 0; n < 2; n++) {
      clock.move(2000);
      expect((await rates.hit('a', windows)).isAllowed).toBe(true);
    }
    clock.move(2000);
    expect(await rates.hit('a', windows)).toMatchObject({ isAllowed: false, window: { ms: 60_000 } });
  });

  it('is one over processes that ask at the same time', async () => {
    const store = memoryStore();
    const clock = frozenClock();
    const processes = Array.from({ length: 5 }, () => createRates({ store, clock }));
    const verdicts = await Promise.all(
      Array.from({ length: 100 }, (_, n) => processes[n % 5]?.hit('a', [{ limit: 20, ms: 60_000 }])),
    );
    // Each of the other four may have let a tenth through that it had not counted with the others yet.
    const allowed = verdicts.filter((verdict) => verdict?.isAllowed === true).length;
    expect(allowed).toBeGreaterThanOrEqual(20);
    expect(allowed).toBeLessThanOrEqual(20 + 4 * 2);
  });

  it('far below the limit nobody is asked', async () => {
    const asked: string[] = [];
    const inner = memoryStore();
    const noting: SharedStore = {
      get(key) {
        asked.push(key);
        return inner.get(key);
      },
      set: inner.set,
      swap: inner.swap,
    };
    const rates = createRates({ store: noting, clock: frozenClock() });
    for (let n = 0; n < 6; n++) await rates.hit('a', [minute]);
    expect(asked).toEqual([]);
    await rates.hit('a', [minute]);
    expect(asked).toEqual(['rate:a']);
  });
});

describe('RateLimitMiddleware', () => {
  const limited = (config: object, more: Partial<RigOptions> = {}) =>
    openRig({ rows: [{ type: 'RateLimitMiddleware', config }], models: { main: acting(fine) }, ...more });

  it.each([
    [{ requests_per_minute: 2, burst: 0 }, 60_000, 'a minute'],
    [{ rph: 2, burst: 0 }, 3_600_000, 'an hour'],
    [{ requestsPerDay: 2, burst: 0 }, 86_400_000, 'a day'],
    [{ burst: 2 }, 10_000, '10 seconds'],
  ])('refuses with %o, without a model, until there is room', async (config, ms, words) => {
    const main = acting(fine);
    const rig = await limited(config, { models: { main } });
    expect([(await rig.turn()).status, (await rig.turn()).status]).toEqual(['done', 'done']);
    const refused = await rig.turn();
    expect(refused).toMatchObject({ status: 'failed', code: 'rate_limited' });
    expect(refused.text).toContain(`2 in ${words} are allowed`);
    expect(main.requests).toHaveLength(2);
    rig.clock.move(ms + ms / 60);
    expect((await rig.turn()).status).toBe('done');
  });

  it('counts each person, channel and model for itself', async () => {
    const config = { requests_per_minute: 1, burst: 0 };
    const [ada, bob] = [{ asker: 'slack:T1:ADA' }, { asker: 'slack:T1:BOB' }];
    const byUser = await limited(config);
    expect([(await byUser.turn(ada)).status, (await byUser.turn(bob)).status]).toEqual(['done', 'done']);
    expect((await byUser.turn(ada)).status).toBe('failed');
    const byChannel = await limited({ ...config, per: ['channel'] });
    expect((await byChannel.turn({ ...ada, channel: 'slack:T1:C1:' })).status).toBe('done');
    expect((await byChannel.turn({ ...bob, channel: 'slack:T1:C1:' })).status).toBe('failed');
    expect((await byChannel.turn({ ...bob, channel: 'slack:T1:C2:' })).status).toBe('done');
    expect((await byChannel.turn(bob)).status).toBe('done');
    const byModel = await limited({ ...config, per: ['model'] });
    expect([(await byModel.turn(ada)).status, (await byModel.turn(bob)).status]).toEqual(['done', 'failed']);
  });

  it('charges a turn on its start alone, and exempts whom it is told', async () => {
    const rig = await limited({ requests_per_minute: 1, burst: 0, exempt: ['token:'] });
    await rig.turn();
    for (const activation of ['resume', 'take-over'] as const)
      expect((await rig.turn({ activation })).status).toBe('done');
    expect((await rig.turn()).status).toBe('failed');
    expect((await rig.turn({ asker: 'token:ci' })).status).toBe('done');
  });

  it('lets them wait where that is wanted, and can be stopped then', async () => {
    const rig = await limited({
      requests_per_minute: 1,
      burst: 0,
      queue_requests: true,
      max_wait_seconds: 300,
    });
    await rig.turn();
    const stop = new AbortController();
    const waiting = rig.turn({ signal: stop.signal });
    await expect.poll(() => rig.acted).toContain('RateLimitMiddleware queued');
    stop.abort(new Error('stopped'));
    await expect(waiting).rejects.toThrow();
    const short = await limited({
      requests_per_minute: 1,
      burst: 0,
      queue_requests: true,
      max_wait_seconds: 5,
    });
    await short.turn();
    expect((await short.turn()).status).toBe('failed');
  });
});

describe('BudgetMiddleware', () => {
  const budgeted = (limit: object, spent: { tokens: number; usd: number }, more: Partial<RigOptions> = {}) =>
    openRig({
      rows: [{ type: 'BudgetMiddleware', config: { limits: [{ per: 'user', ...limit }] } }],
      models: { main: acting(answers('Fine.', { input: 60, output: 40, usd: 1 })) },
      spent: () => spent,
      ...more,
    });

  it.each([
    [
      { usd: 10 },
      { tokens: 0, usd: 10 },
      'The budget of your account is used up: $10.00 of $10.00 today. It begins anew at 2026-11-16 00:00 UTC',
    ],
    [
      { tokens: 1000, period: 'month' },
      { tokens: 1200, usd: 0 },
      'used up: 1,200 of 1,000 tokens this month. It begins anew at 2026-12-01 00:00 UTC',
    ],
    [{ per: 'model', usd: 1 }, { tokens: 0, usd: 2 }, 'The budget of this model is used up'],
    [{ per: 'everybody', usd: 1 }, { tokens: 0, usd: 2 }, 'The budget of everybody together is used up'],
  ])('stops before a model is asked: %o', async (limit, spent, text) => {
    const main = acting(fine);
    const seen = await (await budgeted(limit, spent, { models: { main } })).turn();
    expect(seen).toMatchObject({
      status: 'failed',
      code: 'budget_exhausted',
      text: expect.stringContaining(text),
    });
    expect(main.requests).toHaveLength(0);
  });

  it('says under the answer how much is used from its share on', async () => {
    const seen = await (await budgeted({ usd: 10 }, { tokens: 0, usd: 8.1 })).turn();
    expect(seen).toMatchObject({
      status: 'done',
      notices: ['81 % of the budget of your account is used: $8.10 of $10.00 today.'],
    });
    expect((await (await budgeted({ usd: 10 }, { tokens: 0, usd: 7.9 })).turn()).notices).toEqual([]);
  });

  it('counts what this process uses between two looks, over turns and within one', async () => {
    let reads = 0;
    let turns = 0;
    const spent = () => {
      reads += 1;
      return { tokens: 0, usd: turns };
    };
    const rig = await budgeted({ usd: 10 }, { tokens: 0, usd: 0 }, { spent });
    const turn = async () => {
      const seen = await rig.turn();
      turns += 1;
      return seen;
    };
    for (let n = 0; n < 4; n++) expect((await turn()).notices).toEqual([]);
    expect(reads).toBe(1);
    for (let n = 4; n < 8; n++) expect((await turn()).notices).toEqual([]);
    expect((await turn()).notices).toEqual([
      '80 % of the budget of your account is used: $8.00 of $10.00 today.',
    ]);
    expect(reads).toBe(6);
    const events = [...answers('', { input: 1, output: 1, usd: 3 }).slice(1, 2), ...calls(call('a'))];
    const within = await budgeted(
      { usd: 2 },
      { tokens: 0, usd: 0 },
      { models: { main: acting(events, fine) }, tools: [tool('look')] },
    );
    expect((await within.turn()).text).toContain(
      'I stopped here, before I had an answer. The budget of your account is used up',
    );
  });

  it('reads anew from where a warning may begin, so that what another replica spent is told of', async () => {
    const stored = { tokens: 0, usd: 4 };
    const spent = () => ({ ...stored });
    const rig = await budgeted({ usd: 10 }, stored, { models: { main: acting(fine) }, spent });
    expect((await rig.turn()).notices).toEqual([]);
    stored.usd = 8.5;
    expect((await rig.turn()).notices).toEqual([
      '85 % of the budget of your account is used: $8.50 of $10.00 today.',
    ]);
    stored.usd = 10;
    expect((await rig.turn()).code).toBe('budget_exhausted');
  });

  it('says once in a turn that dollars do not count a model without a price', async () => {
    const used = { input: 5, output: 5 };
    const priceless = () =>
      acting([...answers('', used).slice(1, 2), ...calls(call('a'))], answers('Fine.', used));
    const tools = [tool('look')];
    const nothing = { tokens: 0, usd: 0 };
    const told = ['The budget in dollars does not count this: the price of main is not known.'];
    const inDollars = await budgeted({ usd: 10 }, nothing, { models: { main: priceless() }, tools });
    expect((await inDollars.turn()).notices).toEqual(told);
    const inTokens = await budgeted({ tokens: 1000 }, nothing, { models: { main: priceless() }, tools });
    expect((await inTokens.turn()).notices).toEqual([]);
    const priced = await budgeted({ usd: 10 }, nothing);
    expect((await priced.turn()).notices).toEqual([]);
  });

  it.each([
    [{ limits: [{ per: 'user', usd: 5 }] }, false, [], 'whose price is not known'],
    [{ limits: [{ per: 'user', usd: 5 }] }, true, [], undefined],
    [{ limits: [{ per: 'user', tokens: 5 }] }, false, [], undefined],
    [
      { limits: [{ per: 'user', usd: 5 }] },
      false,
      [{ type: 'CostTrackingMiddleware', config: { cost_per_1k_input: 1, cost_per_1k_output: 1 } }],
      undefined,
    ],
    [
      { limits: [{ per: 'user', usd: 5 }] },
      false,
      [{ type: 'CostTrackingMiddleware', config: { alert_threshold: 1 } }],
      'whose price is not known',
    ],
  ])('%o around a model whose price is known (%s), beside %o: %s', (config, isPriced, others, doubt) => {
    const said = budget.doubt?.(config, { isPriced, others });
    if (doubt === undefined) expect(said).toBeUndefined();
    else expect(said).toContain(doubt);
  });

  it('asks whose budget it is, since midnight or the first', async () => {
    const asked: unknown[] = [];
    const spent = (of: unknown) => {
      asked.push(of);
      return { tokens: 0, usd: 0 };
    };
    const limits = [
      { per: 'channel', usd: 5 },
      { per: 'user', period: 'month', usd: 5 },
      { per: 'user', only: ['slack:T9'], usd: 5 },
    ];
    const rig = await openRig({
      rows: [{ type: 'BudgetMiddleware', config: { limits } }],
      models: { main: acting(fine) },
      spent,
    });
    await rig.turn({ channel: 'slack:T1:C1:' });
    expect(asked).toEqual([
      { channel: 'slack:T1:C1:', since: new Date('2026-11-15') },
      { principal: 'slack:T1:U1', since: new Date('2026-11-01') },
    ]);
    await rig.turn({ channel: 'slack:T1:C1:' });
    expect(asked).toHaveLength(2);
    rig.clock.move(16_000);
    await rig.turn({ channel: 'slack:T1:C1:' });
    expect(asked).toHaveLength(4);
  });

  it('without limits there is no layer at all', async () => {
    const rig = await openRig({ rows: [{ type: 'BudgetMiddleware' }], models: { main: acting(fine) } });
    expect((await rig.turn()).trace?.spans).toEqual([]);
  });
});

describe('CostTrackingMiddleware', () => {
  const used = { input: 1000, output: 2000 };
  const tracked = (config: object, main = acting(answers('Fine.', used))) =>
    openRig({ rows: [{ type: 'CostTrackingMiddleware', config }], models: { main } });

  it('prices what has no price, and leaves a known one alone', async () => {
    const prices = { cost_per_1k_input: 0.01, cost_per_1k_output: 0.03 };
    const [step] = (await (await tracked(prices)).turn()).steps;
    expect(step).toMatchObject({
      charges: [{ cost: { usd: 0.07, isWhole: true }, priceSource: 'CostTrackingMiddleware' }],
    });
    const known = await tracked(prices, acting(answers('Fine.', { ...used, usd: 5 })));
    expect((await known.turn()).steps[0]).toMatchObject({ charges: [{ cost: { usd: 5 } }] });
  });

  it('tells once when a turn is dear', async () => {
    const dear = acting(
      [...answers('', { ...used, usd: 2 }).slice(1, 2), ...calls(call('a'))],
      answers('Fine.', { ...used, usd: 2 }),
    );
    const rows = [{ type: 'CostTrackingMiddleware', config: { alert_threshold: 1 } }];
    const rig = await openRig({ rows, models: { main: dear }, tools: [tool('look')] });
    expect((await rig.turn()).notices).toEqual(['This turn has cost more than $1.00.']);
    expect(rig.acted).toEqual(['CostTrackingMiddleware alerted']);
    const quiet = await tracked(
      { alert_threshold: 1, show_in_thread: false },
      acting(answers('Fine.', { ...used, usd: 2 })),
    );
    expect((await quiet.turn()).notices).toEqual([]);
    expect(quiet.acted).toEqual(['CostTrackingMiddleware alerted']);
  });

  it('needs both prices or none', async () => {
    expect((await (await tracked({ cost_per_1k_input: 1 })).turn()).trace?.skipped).toHaveLength(1);
  });
});
