import { type Kysely, sql } from 'kysely';

/**
 * Middleware: values that replicas share, how the layers of a turn ran, what is odd about a configured
 * layer, and more types.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
  for (const [name, description] of types) {
    await sql`
      insert into middleware_types (name, description) values (${name}, ${description})
      on conflict (name) do nothing`.execute(db);
  }
}

const statements = [
  // What it holds is worth no write-ahead log: it is counted or made again.
  `create unlogged table shared_values (
    key text primary key,
    value text not null,
    expires_at timestamptz not null
  )`,
  `create index shared_values_over on shared_values (expires_at)`,
  `alter table turns add column trace jsonb`,
  `alter table llm_middleware add column warning text not null default ''`,
];

const types = [
  ['LoggingMiddleware', 'Logs and counts turns, model calls and tool calls; never what was said.'],
  ['BudgetMiddleware', 'Limits tokens and money of a user, a channel or a model, by day or month.'],
  ['RateLimitMiddleware', 'Limits how many turns a user, a channel or a model may begin.'],
  ['ValidationMiddleware', 'Limits what may be asked and answered, by length and pattern.'],
  ['CircuitBreakerMiddleware', 'Leaves a model alone for a while that keeps failing.'],
  ['CacheMiddleware', 'Gives the same answer again to the same question of the same person.'],
  ['RetryMiddleware', 'Says how failed model calls are tried again.'],
  [
    'ToolErrorHandlerMiddleware',
    'Tries tools again that could not be reached, and tells the model to go on.',
  ],
  ['ToolResultCacheMiddleware', 'Gives a tool’s result again for the same call of the same person.'],
  ['CostTrackingMiddleware', 'Prices model calls that have no price, and says when a turn is dear.'],
] as const;
