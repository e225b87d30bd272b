import { z } from 'zod';
import type { Caller } from '../../src/resources/definition.ts';
import { resources } from '../../src/resources/index.ts';
import type { World } from '../../src/resources/world.ts';

/** Every permission that the given definitions have, and those that belong to none. */
export const allPermissions: ReadonlySet<string> = new Set([
  ...['chat', 'approve', 'view_audit', 'view_usage', 'manage_access'],
  ...resources.flatMap(({ suffix }) =>
    ['view', 'add', 'change', 'delete'].map((verb) => `ai_ops.${verb}_${suffix}`),
  ),
]);

/** A caller with these permissions; all of them by default. */
export function caller(permissions: Iterable<string> = allPermissions, name = 'Ada'): Caller {
  return {
    author: { principal: `token:${name.toLowerCase()}`, name },
    permissions: new Set(permissions),
    source: 'rest',
    address: '127.0.0.1',
  };
}

/** What rules and actions may ask, without a network: servers at `*.up.test` answer, models named `good…` too. */
export function fakeWorld(changes: Partial<World> = {}): World {
  return {
    permissions: allPermissions,
    refusalOfProgram: ({ command }) => (command.startsWith('/usr/') ? undefined : 'It is not run here.'),
    now: () => Date.parse('2026-11-22T12:00:00Z'),
    secrets: {
      refusal: (reference) => (/^(?:env:HOME|hunter2)$/.test(reference) ? 'It may not be named.' : undefined),
      missing: (reference) =>
        reference.startsWith('env:NO_SUCH_') ? `${reference.slice(4)} is not set yet.` : undefined,
    },
    provider: (name) =>
      name === 'openai' ? { config: z.object({ base_url: z.url().optional() }) } : undefined,
    middleware: (type) =>
      type === 'ModelCallLimitMiddleware'
        ? {
            config: z.strictObject({ run_limit: z.int().positive().default(25) }),
            isBuilt: true,
            priority: 5,
          }
        : undefined,
    middlewareOrder: () => [],
    defaultLayers: () => [],
    price: () => undefined,
    promptProblems: async (prompt) => {
      if ('file' in prompt) return prompt.file === 'default.md' ? [] : [`There is no file ${prompt.file}.`];
      return prompt.text.includes('{nonsense}') ? ['There is no variable {nonsense}.'] : [];
    },
    previewPrompt: async () => 'You help.',
    checkServer: async () => ({
      healthy: true,
      message: 'The server answers.',
      details: 'HTTP 200',
      url: 'http://up.test/health',
      latencyMs: 3,
    }),
    serverTools: async () => ({ tools: [] }),
    decideTools: async () => {},
    signIns: {
      refusal: () => undefined,
      link: async (serverId) => ({
        url: `http://127.0.0.1/oauth/mcp/start?link=${serverId}`,
        expiresAt: new Date('2026-12-31T12:00:00Z'),
      }),
      disconnect: async () => true,
    },
    schedules: {
      cronProblem: (expression) => (expression.includes('*') ? undefined : 'This is no cron expression.'),
      next: () => [new Date('2026-12-01T08:00:00Z')],
      targetProblem: (target) => (target === 'web:ops' ? undefined : 'There is no such place.'),
      run: async () => 'run-1',
      history: async () => [],
    },
    alerts: {
      takesAnybody: true,
      templateProblem: () => undefined,
      test: async () => ({ ok: true, message: 'A test alert fires.' }),
      recent: async () => [],
      open: async () => ({ count: 0, names: [] }),
    },
    personOf: async (principal) => (principal.endsWith(':UNOBODY') ? { type: 'nobody' } : undefined),
    placesCalled: async (name) => (name === 'ops' ? ['slack:T1:COPS'] : []),
    testModel: async () => ({ ok: true, latencyMs: 5, tokens: 3, text: 'OK.' }),
    tryModel: async () => ({ ok: true, latencyMs: 5, tokens: 3, text: 'OK.' }),
    tryServer: async ({ url }) => ({
      healthy: true,
      message: 'The server answers.',
      details: '',
      url,
      latencyMs: 3,
      tools: 2,
    }),
    toolCount: () => 2,
    ...changes,
  };
}
