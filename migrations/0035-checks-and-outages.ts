import { type Kysely, sql } from 'kysely';

/** Turns in which the bot asks by itself, and outages that outlive their server until people are told of their end. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // A question of a report or a monitor: nobody waits for its answer but the bot.
  `alter table turns add column is_check boolean not null default false`,
  `update turns set is_check = true where id in (
    select jsonb_array_elements_text(r.turn_ids)::uuid
    from schedule_runs r join schedules s on s.id = r.schedule_id where s.kind in ('report', 'monitor'))`,

  // What was said of a server stays true of its thread when the server is gone.
  `alter table server_outages drop constraint server_outages_server_id_fkey`,
  `alter table server_outages add column name text not null default ''`,
  `update server_outages o set name = v.name from mcp_servers v where v.id = o.server_id`,
];
