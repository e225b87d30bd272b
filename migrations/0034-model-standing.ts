import { type Kysely, sql } from 'kysely';

/**
 * The model that answers becomes the default where there was none, so that another does not take its place
 * unasked. Usage may belong to no turn: a test of a model is no answer. And what platforms were heard of last.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // It is the default because it was the first; one that is named takes its place.
  `alter table llm_models add column is_stand_in boolean not null default false`,
  `update llm_models set is_default = true, is_stand_in = true where id = (
    select m.id from llm_models m join llm_providers p on p.id = m.llm_provider_id
    where m.is_enabled and p.is_enabled and m.origin <> 'environment'
    order by m.name limit 1)
  and not exists (select from llm_models where is_default)`,

  `alter table usage alter column turn_id drop not null`,

  // `what`: an event, a command, a press.
  `create table heard_last (
    platform text not null,
    what text not null,
    at timestamptz not null default now(),
    primary key (platform, what)
  )`,
];
