import { type Kysely, sql } from 'kysely';

/** What a call needs of its asker is stored like an approval; and who may decide is stored with the question. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [...questions, ...deciders, ...steps]) await sql.raw(statement).execute(db);
}

const questions = [
  `alter table approvals
    add column kind text not null default 'approval' check (kind in ('approval', 'sign_in', 'form', 'link')),
    add column need jsonb,
    add column content jsonb,
    add constraint approvals_need check ((kind = 'approval') = (need is null))`,
  `create index approvals_sign_ins on approvals ((need->>'serverId'), asked_by)
    where state = 'pending' and kind = 'sign_in'`,
];

// `decider_only`: these principals alone. `decider_never`: none of these. Both are lists, or null.
const deciders = [
  `alter table approvals
    add column decider_permission text not null default 'approve',
    add column decider_only jsonb,
    add column decider_never jsonb`,
];

const steps = [
  `alter table steps drop constraint steps_type_check`,
  `alter table steps add constraint steps_type_check
    check (type in ('model', 'begun', 'needed', 'result', 'said'))`,
];
