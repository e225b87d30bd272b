import { type Kysely, sql } from 'kysely';

/** What people may say to an approval beside yes and no, and what they have said. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(columns).execute(db);
}

// `allows`: null on questions from before, which know yes and no. `schemas`: what other arguments must fit, as
// JSON texts, so that fields keep their order. `edited`: what somebody wrote in place of `arguments`.
const columns = `alter table approvals
  add column allows jsonb,
  add column schemas jsonb,
  add column edited jsonb,
  add column edited_digest text,
  add column response text,
  add constraint approvals_edited check ((edited is null) = (edited_digest is null))`;
