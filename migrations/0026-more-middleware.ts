import { type Kysely, sql } from 'kysely';

/** More types of middleware. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const [name, description] of types) {
    await sql`
      insert into middleware_types (name, description) values (${name}, ${description})
      on conflict (name) do nothing`.execute(db);
  }
}

const types = [
  ['ProviderToolSearchMiddleware', 'Has the provider search the tools; the bot does that for every model.'],
  ['ModerationMiddleware', 'Lets OpenAI’s moderation, or another model, judge what is asked and answered.'],
  ['PromptCachingMiddleware', 'Says whether and how long Anthropic keeps the beginning of prompts.'],
] as const;
