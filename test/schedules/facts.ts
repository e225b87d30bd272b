import type { ReportFacts } from '../../src/schedules/facts/port.ts';

/** What a report tells when all is well. */
export const calm = {
  at: Date.parse('2026-11-21T08:00:00Z'),
  servers: [{ id: 's1', name: 'host', isHealthy: true, isChecked: true, lastError: '' }],
  models: [{ name: 'gpt', isInUse: true, state: 'reachable', latencyMs: 120, isListed: true }],
  usage: [
    {
      model: 'gpt',
      calls: 4,
      failed: 0,
      p50Ms: 1200,
      p95Ms: 4100,
      inputTokens: 12_400,
      outputTokens: 800,
      costUsd: 0.0231,
      costIsWhole: true,
    },
  ],
  turns: { done: 4, failed: 0, stopped: 0, checks: 0 },
  queue: { pending: 0, oldestMs: 0 },
  approvals: { waiting: 0, oldestMs: 0 },
  undeliverable: 0,
  spent: {
    today: { tokens: 13_200, usd: 0.0231, isWhole: true },
    month: { tokens: 413_200, usd: 1.2, isWhole: false },
  },
  budgets: [],
  days: [{ day: '2026-11-21', turns: 4, costUsd: 0.02 }],
  host: { memoryUsed: 0.4, diskUsed: 0.3, loadPerCore: 0.2 },
} as const satisfies ReportFacts;
