import { type Kysely, sql } from 'kysely';

/** Alerts that turn critical, snoozes of them that are over, and groups that outlive their route. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // \`turned\`: what turned critical and nobody was told; fingerprints, or of a storm the keys of its groups.
  // \`is_awake\`: a snooze of it is over, and nobody was told.
  `alter table alert_groups
    add column turned jsonb not null default '[]',
    add column is_awake boolean not null default false`,

  // What a deleted route leaves open is closed in the words of its people, not taken away.
  `alter table alert_groups drop constraint alert_groups_route_id_fkey`,
  `alter table alerts drop constraint alerts_route_id_fkey`,
  `alter table alert_route_states drop constraint alert_route_states_route_id_fkey`,

  // The row of the route, as it was when something came in on it last.
  `alter table alert_route_states add column route jsonb`,
  `update alert_route_states s set route = to_jsonb(r) from alert_routes r where r.id = s.route_id`,
];
