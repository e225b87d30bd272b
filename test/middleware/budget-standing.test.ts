import { describe, expect, it } from 'vitest';
import { budgetStandings, type SpendingBy } from '../../src/middleware/budget-standing.ts';

const now = Date.parse('2026-11-21T08:00:00Z');
const spent: Readonly<Record<Parameters<SpendingBy>[0], Awaited<ReturnType<SpendingBy>>>> = {
  user: [
    { owner: 'slack:T1:U1', tokens: 900, usd: 3 },
    { owner: 'slack:T1:U2', tokens: 1200, usd: 1 },
    { owner: 'web:ada', tokens: 5000, usd: 9 },
  ],
  channel: [{ owner: 'slack:T1:C1:', tokens: 100, usd: 0.5 }],
  model: [
    { owner: 'gpt', tokens: 4000, usd: 4 },
    { owner: 'claude', tokens: 3000, usd: 6 },
  ],
};

async function standing(limit: object, warnAt = 0.8) {
  const asked: string[] = [];
  const [found] = await budgetStandings([{ limits: [limit], warn_at: warnAt }], {
    model: 'gpt',
    now,
    async spendingBy(owner, since) {
      asked.push(`${owner} since ${since.toISOString().slice(0, 10)}`);
      return spent[owner];
    },
  });
  return { name: found?.name, used: found?.used, share: found?.share, asked };
}

describe('how budgets stand', () => {
  it('counts all models for everybody, and the model in use for itself', async () => {
    expect(await standing({ per: 'everybody', period: 'month', usd: 20 })).toEqual({
      ...{ name: 'everybody together', used: '$10.00 of $20.00 this month', share: 0.5 },
      asked: ['model since 2026-11-01'],
    });
    expect(await standing({ per: 'model', tokens: 8000 })).toMatchObject({
      ...{ used: '4,000 of 8,000 tokens today', share: 0.5 },
      asked: ['model since 2026-11-21'],
    });
  });

  it('tells of the one who used most where each has a budget, without naming them', async () => {
    const found = await standing({ per: 'user', tokens: 1000 });
    expect(found).toMatchObject({ share: 5, used: '5,000 of 1,000 tokens today; 2 have used up theirs' });
    expect(JSON.stringify(found)).not.toContain('ada');
  });

  it('looks at those alone whom a limit is for, and at its fuller part', async () => {
    expect(await standing({ per: 'user', tokens: 2400, usd: 4, only: ['slack:'] })).toMatchObject({
      ...{ share: 0.75, used: '$3.00 of $4.00 today' },
    });
    expect(await standing({ per: 'channel', usd: 1, only: ['teams:'] })).toMatchObject({ share: 0 });
  });

  it('passes over what is no valid budget', async () => {
    const parts = { model: 'gpt', now, spendingBy: async () => [] };
    expect(await budgetStandings([{ limits: 'many' }, undefined, {}], parts)).toEqual([]);
  });
});
