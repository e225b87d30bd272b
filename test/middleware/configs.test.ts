import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ModelNext } from '../../src/agent/middleware.ts';
import { middlewareSet } from '../../src/middleware/index.ts';
import { sentencesOf } from '../../src/resources/sentences.ts';
import { openTestEmbedded } from '../fakes/database.ts';
import { silentLog } from '../fakes/log.ts';
import { answers, openRig } from './harness.ts';

async function seededTypes(): Promise<readonly string[]> {
  const database = await openTestEmbedded();
  const { rows } = await sql<{ name: string }>`select name from middleware_types order by name`.execute(
    database.db,
  );
  await database.close();
  return rows.map(({ name }) => name);
}

const types = await seededTypes();
const set = await middlewareSet(undefined, silentLog);
/** Gives a verdict where it is asked for one. */
const sensible: ModelNext = async function* ({ system }) {
  yield* answers(system.includes('You judge') ? '{"flagged": false}' : 'Fine.');
};
const configOf = (type: string) => set.kind(type)?.config;

describe('the config of middleware', () => {
  it('is known of every type that the migrations seed', () => {
    expect(types).toHaveLength(28);
    expect(types.filter((type) => configOf(type) === undefined)).toEqual([]);
  });

  it.each(types)('%s: its defaults can be saved as they are', (type) => {
    const defaults = configOf(type)?.parse({});
    expect(configOf(type)?.parse(defaults)).toEqual(defaults);
  });

  it.each(types)('%s: refuses an option that it does not know', (type) => {
    expect(configOf(type)?.safeParse({ retry_delay_seconds: 3 }).success).toBe(false);
  });

  it('takes the names that LangChain has in JavaScript', () => {
    const given = { runLimit: 3, threadLimit: 9, perTool: { look: { runLimit: 2 } } };
    expect(configOf('ToolCallLimitMiddleware')?.parse(given)).toEqual({
      run_limit: 3,
      thread_limit: 9,
      per_tool: { look: { run_limit: 2 } },
      exit_behavior: 'continue',
    });
    expect(configOf('ModelRetryMiddleware')?.parse({ maxRetries: 5, initial_delay: 0.5 })).toMatchObject({
      max_retries: 5,
      initial_delay_ms: 500,
    });
    expect(configOf('RateLimitMiddleware')?.parse({ rpm: 5 })).toMatchObject({ requests_per_minute: 5 });
  });

  it.each([
    [
      'CostTrackingMiddleware',
      { costPer1kInput: 1, costPer1KOutput: 2 },
      { cost_per_1k_input: 1, cost_per_1k_output: 2 },
    ],
    ['FilesystemFileSearchMiddleware', { maxFileSizeMB: 3 }, { max_file_size_mb: 3 }],
    ['RateLimitMiddleware', { RPM: 5, requestsperhour: 6 }, { requests_per_minute: 5, requests_per_hour: 6 }],
    ['ToolCallLimitMiddleware', { ThreadLimit: 3 }, { thread_limit: 3, run_limit: 3 }],
    ['ToolCallLimitMiddleware', { runLimit: 3, run_limit: 4 }, { run_limit: 4 }],
    [
      'HumanInTheLoopMiddleware',
      { interruptOn: { myTool: { Allowed_Decisions: ['edit'] } } },
      { interrupt_on: { myTool: { allowed_decisions: ['edit'] } } },
    ],
  ])('%s: %o is written as %o, whatever its case and underscores', (type, given, expected) => {
    expect(configOf(type)?.parse(given)).toMatchObject(expected);
  });

  it.each(['LoggingMiddleware', 'RateLimitMiddleware', 'ToolCallLimitMiddleware'])(
    '%s: an option that there is not is named as it was written',
    (type) => {
      const parsed = configOf(type)?.safeParse({ retryDelaySeconds: 3 });
      expect(parsed?.error && sentencesOf(parsed.error)).toEqual(['There is no option retryDelaySeconds.']);
    },
  );

  it('fills in what follows from the rest, and reads levels as others write them', () => {
    const limited = configOf('ToolCallLimitMiddleware');
    expect(limited?.parse({ threadLimit: 3 })).toMatchObject({ thread_limit: 3, run_limit: 3 });
    expect(limited?.parse({ thread_limit: 300 })).toMatchObject({ run_limit: 50 });
    expect(configOf('LoggingMiddleware')?.parse({ log_level: 'DEBUG' })).toMatchObject({
      log_level: 'debug',
    });
  });

  it('takes the sizes of LangChain’s JavaScript', () => {
    const edits = [{ trigger: { tokens: 5000 }, keep: { messages: 4 } }, { trigger: 6000 }];
    expect(configOf('ContextEditingMiddleware')?.parse({ edits })).toMatchObject({
      edits: [
        { trigger: 5000, keep: 4 },
        { trigger: 6000, keep: 3 },
      ],
    });
    const wrong = { edits: [{ trigger: { fraction: 0.5 } }] };
    expect(configOf('ContextEditingMiddleware')?.safeParse(wrong).success).toBe(false);
  });

  it.each([
    [
      'HumanInTheLoopMiddleware',
      { interrupt_on: { a: { when: 'x' }, b: 3, c: { allow_edit: true } } },
      [
        'interrupt_on.a.when: Functions cannot be written in JSON; name the tools.',
        'interrupt_on.b: Must be true, false or an object.',
        'interrupt_on.c: There is no option allow_edit.',
      ],
    ],
    ['SummarizationMiddleware', { trigger: { tokens: -1 } }, ['trigger.tokens: More than 0.']],
    ['SummarizationMiddleware', { trigger: [{ fraction: 2 }] }, ['trigger.0.fraction: At most 1.']],
    ['SummarizationMiddleware', { trigger: 3 }, ['trigger: Must be an object or a list.']],
    ['SummarizationMiddleware', { trigger: {} }, ['trigger: Name tokens, messages or fraction.']],
  ])('%s: says what is wrong with %o within what it comes nearest to', (type, config, expected) => {
    const parsed = configOf(type)?.safeParse(config);
    expect(parsed?.error && sentencesOf(parsed.error)).toEqual(expected);
  });

  it('a pattern must be one', () => {
    const config = { patterns: { mine: '(' } };
    expect(configOf('PromptInjectionDetectionMiddleware')?.safeParse(config).success).toBe(false);
  });

  it.each([
    ['LoggingMiddleware', { log_requests: true }, 'The log never holds what people'],
    ['LoggingMiddleware', { mask_sensitive_data: false }, 'Secrets are always masked'],
    ['RateLimitMiddleware', { sliding_window: false }, 'Only true'],
    ['ModelRetryMiddleware', { on_failure: 'continue' }, 'never given out as an answer'],
    ['ToolErrorHandlerMiddleware', { onError: 'x' }, 'Functions cannot be written in JSON'],
    ['ModelFallbackMiddleware', { first_model: 'x' }, 'Write models: a list of names'],
    ['BudgetMiddleware', { limits: [{ per: 'user' }] }, 'Name tokens, usd, or both'],
    ['CacheMiddleware', { exclude_patterns: ['a(?=b)'] }, 'uses lookaround or a backreference'],
    ['ValidationMiddleware', { blocked_patterns: ['(a)\\1'] }, 'uses lookaround or a backreference'],
    ['PIIMiddleware', { pii_type: 'employee' }, 'for anything else write a detector'],
    ['SummarizationMiddleware', { keep: { tokens: 5, messages: 5 } }, 'Name exactly one of'],
    ['SummarizationMiddleware', { tokenCounter: 'x' }, 'Tokens are always estimated alike'],
    ['ContextEditingMiddleware', { token_count_method: 'model' }, 'Tokens are always estimated alike'],
    [
      'PromptCachingMiddleware',
      { unsupported_model_behavior: 'warn' },
      'other vendors keep prompts by themselves',
    ],
    ['ModerationMiddleware', { moderation_model: 'x' }, 'Configure it as an LLM model'],
    [
      'HumanInTheLoopMiddleware',
      { interruptOn: { look: { allowedDecisions: ['approve', 'ignore'] } } },
      'There are approve, edit, reject and respond',
    ],
    [
      'HumanInTheLoopMiddleware',
      { interrupt_on: { look: { allowed_decisions: [] } } },
      'at least one decision',
    ],
    [
      'HumanInTheLoopMiddleware',
      { interrupt_on: { look: { argsSchema: 'any' } } },
      'the JSON Schema of an object',
    ],
    ['FilesystemFileSearchMiddleware', { use_ripgrep: true }, 'the bot searches by itself'],
    ['FilesystemFileSearchMiddleware', { root_path: '/' }, 'not of the whole disk'],
    ['ShellToolMiddleware', { execution_policy: 'host' }, 'There is no sandbox yet'],
    ['ShellToolMiddleware', { redactionRules: [] }, 'Add PIIMiddleware'],
    ['ToolCallLimitMiddleware', { threadLimit: 3, runLimit: 4 }, 'may not be above thread_limit'],
    ['LoggingMiddleware', { log_level: 'TRACE' }, 'debug'],
    ['CacheMiddleware', { exclude_patterns: ['('] }, 'This is not a regular expression'],
  ])('%s refuses %o by name, with the reason', (type, config, reason) => {
    const parsed = configOf(type)?.safeParse(config);
    expect(parsed?.success).toBe(false);
    expect(JSON.stringify(parsed?.error?.issues)).toContain(reason);
  });

  it.each(types.filter((type) => set.kind(type)?.isBuilt))('%s runs with its defaults', async (type) => {
    const config: object = Object(set.kind(type)?.config.parse({}));
    const rig = await openRig({ rows: [{ type, config }], models: { main: sensible } });
    const seen = await rig.turn();
    expect(seen).toMatchObject({ status: 'done', text: 'Fine.', notices: [] });
    expect(seen.trace?.skipped).toBeUndefined();
  });

  it.each(types)('%s: its options can be drawn as a form', (type) => {
    const schema = z.toJSONSchema(configOf(type) ?? z.never(), { io: 'input', unrepresentable: 'any' });
    expect(schema).toMatchObject({ type: 'object' });
  });
});
