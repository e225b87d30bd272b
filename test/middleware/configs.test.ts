import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { middlewareConfig } from '../../src/middleware/configs.ts';
import { openTestEmbedded } from '../fakes/database.ts';

async function seededTypes(): Promise<readonly string[]> {
  const database = await openTestEmbedded();
  const { rows } = await sql<{ name: string }>`select name from middleware_types order by name`.execute(
    database.db,
  );
  await database.close();
  return rows.map(({ name }) => name);
}

const types = await seededTypes();

describe('the config of middleware', () => {
  it('is known of every type that the migrations seed', () => {
    expect(types).toHaveLength(15);
    expect(types.filter((type) => middlewareConfig(type) === undefined)).toEqual([]);
  });

  it.each(types)('%s: its defaults can be saved as they are', (type) => {
    const defaults = middlewareConfig(type)?.parse({});
    expect(middlewareConfig(type)?.parse(defaults)).toEqual(defaults);
  });

  it.each(types)('%s: refuses an option that it does not know', (type) => {
    expect(middlewareConfig(type)?.safeParse({ retry_delay_seconds: 3 }).success).toBe(false);
  });

  it('takes the names that LangChain has in JavaScript', () => {
    expect(middlewareConfig('ToolCallLimitMiddleware')?.parse({ runLimit: 3, threadLimit: 9 })).toEqual({
      run_limit: 3,
      thread_limit: 9,
      exit_behavior: 'continue',
    });
  });

  it('a pattern must be one', () => {
    const config = { patterns: { mine: '(' } };
    expect(middlewareConfig('PromptInjectionDetectionMiddleware')?.safeParse(config).success).toBe(false);
  });
});
