import { type Kysely, sql } from 'kysely';

/** The audit log says where a change came from, cannot be rewritten, and is sealed in a chain of hashes. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [...columns, ...seals, ...guards]) await sql.raw(statement).execute(db);
}

const columns = [
  `alter table audit_log
    add column source text not null default '',
    add column address text not null default '',
    add column seal integer`,
  `create index audit_log_at on audit_log (at)`,
  // These classes serve prefixes as well as whole values, whatever the database's collation.
  `create index audit_log_actor on audit_log (actor text_pattern_ops, id)`,
  `create index audit_log_action on audit_log (action text_pattern_ops, id)`,
  `create index audit_log_target on audit_log (target text_pattern_ops, id)`,
  `create index audit_log_turn on audit_log (turn_id) where turn_id is not null`,
  `create index audit_log_seal on audit_log (seal, id)`,
];

const seals = [
  `create table audit_seals (
    n integer primary key check (n > 0),
    first_id bigint not null,
    last_id bigint not null check (last_id >= first_id),
    row_count integer not null check (row_count > 0),
    rows_hash text not null,
    prev_hash text not null,
    hash text not null,
    sealed_at timestamptz not null,
    pruned_at timestamptz
  )`,
];

/**
 * A row may be sealed once and is otherwise left as it is. Rows are deleted by retention alone, which
 * sets `ai_ops.prune` to `on` inside its transaction. A seal stays for ever; retention dates it as pruned.
 */
const guards = [
  `create function guard_audit_log() returns trigger language plpgsql as $$
  declare
    sealed audit_log%rowtype;
  begin
    if tg_op = 'UPDATE' then
      sealed := old;
      sealed.seal := new.seal;
      if old.seal is null and new.seal is not null and new *= sealed then return new; end if;
    elsif current_setting('ai_ops.prune', true) = 'on' then
      return null;
    end if;
    raise exception 'The audit log is append-only: % is refused.', tg_op using errcode = 'restrict_violation';
  end $$`,
  `create trigger audit_log_keeps_rows before update on audit_log
    for each row execute function guard_audit_log()`,
  `create trigger audit_log_is_kept before delete or truncate on audit_log
    for each statement execute function guard_audit_log()`,

  `create function guard_audit_seals() returns trigger language plpgsql as $$
  declare
    pruned audit_seals%rowtype;
  begin
    if tg_op = 'UPDATE' then
      pruned := old;
      pruned.pruned_at := new.pruned_at;
      if old.pruned_at is null and new.pruned_at is not null and new *= pruned then return new; end if;
    end if;
    raise exception 'The seals of the audit log are kept as they are: % is refused.', tg_op
      using errcode = 'restrict_violation';
  end $$`,
  `create trigger audit_seals_keep_rows before update on audit_seals
    for each row execute function guard_audit_seals()`,
  `create trigger audit_seals_are_kept before delete or truncate on audit_seals
    for each statement execute function guard_audit_seals()`,
];
