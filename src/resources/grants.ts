import { z } from 'zod';
import { principalProblem } from '../access/principals.ts';
import type { FieldErrors } from '../chat/form.ts';
import type { Resource, RuleContext } from './definition.ts';
import { paragraph, principal, relation, time } from './field.ts';
import { beyondOwn, differsInTime, listOf } from './giving.ts';
import { idOf, nameOf } from './input.ts';
import { roles } from './roles.ts';

const recipient = z
  .string({ error: 'Write a text.' })
  .trim()
  .check((context) => {
    const message = principalProblem(context.value);
    if (message !== undefined) context.issues.push({ code: 'custom', message, input: context.value });
  });

/** Who has which role. */
export const grants: Resource = {
  path: 'grants',
  table: 'grants',
  suffix: 'grant',
  word: 'grants',
  one: 'grant',
  many: 'Grants',
  help: 'Who has which role: a person, a group, a channel, the members of a tenant, or an API token.',
  fields: {
    role: relation({
      label: 'Role',
      help: 'What is given.',
      to: 'roles',
      table: 'roles',
      nameColumn: 'name',
      onDelete: 'cascade',
    }),
    principal: principal({
      label: 'To',
      help: 'A person by mention, name or e-mail, or a principal: slack:<team>:<user>, teams:<tenant>:<user>, web:<id>, token:<id>, group:<name>, channel:slack:<team>:<channel> or channel:teams:<tenant>:<channel, percent-encoded>, tenant:slack:<team>, or tenant:* for the members of every allowed tenant.',
      schema: recipient,
      placeholder: 'group:sre',
    }),
    note: paragraph({ label: 'Note', help: 'Why it was given.', initial: '', max: 1000 }),
    expires: time({ label: 'Expires', help: 'When it ends. Empty: never.', initial: null }),
  },
  nameField: 'principal',
  key: ['role', 'principal'],
  columns: ['role', 'principal', 'expires', 'note'],
  search: ['principal', 'note'],
  order: ['principal'],
  changes: ['create', 'change', 'delete'],
  alsoNeeds: 'manage_access',
  example: { role: 'approver', principal: 'group:sre', note: 'People on call approve.', expires: null },
  check: checkGrant,
  display: (row) => `${nameOf(row.role)} → ${String(row.principal)}`,
};

async function checkGrant(context: RuleContext): Promise<FieldErrors> {
  const { values, before, rows } = context;
  const isSameGift =
    before !== undefined &&
    idOf(before.role) === values.role &&
    before.principal === values.principal &&
    !differsInTime(before, values, 'expires');
  if (isSameGift) return {};
  const role = await rows.find(roles, { id: String(values.role) });
  const problems = beyondOwn(listOf(role?.permissions), context);
  return problems.length === 0 ? {} : { role: problems };
}
