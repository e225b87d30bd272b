import type { FieldErrors } from '../chat/form.ts';
import type { Resource, RuleContext } from './definition.ts';
import { flag, relation, text, texts, time } from './field.ts';
import { holdsAll } from './giving.ts';
import { idOf } from './input.ts';

/** Who somebody is on a platform. Identities of one person share their rights. */
export const identities: Resource = {
  path: 'identities',
  table: 'identities',
  suffix: 'identity',
  word: 'identities',
  one: 'identity',
  many: 'Identities',
  help: 'Who somebody is on Slack, on Teams and in the console. Identities of one person share what is granted to any of them, and none approves what another asked for.',
  fields: {
    principal: text({ label: 'Principal', help: 'The name to grant to.', isReadOnly: true }),
    person: relation({
      label: 'Person',
      help: 'Whose identity it is. Choose the same person for two identities to join them, and a new one to part them.',
      to: 'people',
      table: 'people',
      nameColumn: 'name',
      onDelete: 'protect',
    }),
    is_placed: flag({
      label: 'Placed',
      help: 'An administrator chose its person, so that its e-mail no longer does.',
      initial: false,
      isReadOnly: true,
    }),
    name: text({ label: 'Name', help: 'As the platform tells it.', initial: '', isReadOnly: true }),
    email: text({ label: 'E-mail', help: 'As the platform tells it.', initial: null, isReadOnly: true }),
    is_verified: flag({
      label: 'Verified',
      help: 'The platform vouches for the e-mail.',
      initial: false,
      isReadOnly: true,
    }),
    groups: texts({
      label: 'Groups',
      help: 'As they were when this identity was last seen.',
      initial: [],
      isReadOnly: true,
    }),
    tenant: text({
      label: 'Tenant',
      help: 'Of which it is a full member.',
      initial: null,
      isReadOnly: true,
    }),
    last_seen: time({ label: 'Last seen', help: 'When it last came.', initial: null, isReadOnly: true }),
  },
  nameField: 'principal',
  columns: ['principal', 'name', 'person', 'is_placed', 'email', 'is_verified', 'last_seen'],
  search: ['principal', 'name', 'email'],
  order: ['principal'],
  changes: ['change'],
  alsoNeeds: 'manage_access',
  example: { person: '3f0c2f5e-8a53-4b7f-9d0c-0c3c7e1b2a4d' },
  check: checkIdentity,
  prepare: (context) => ({ values: isMoved(context) ? { is_placed: true } : {} }),
  display: (row) =>
    row.name === '' ? String(row.principal) : `${String(row.name)} (${String(row.principal)})`,
};

/** Whoever joins identities gives each the rights of the others, whatever these are. */
function checkIdentity(context: RuleContext): FieldErrors {
  if (!isMoved(context) || holdsAll(context)) return {};
  return {
    person: ['Identities share their rights, so only who holds all permissions can join or part them.'],
  };
}

function isMoved({ before, values }: RuleContext): boolean {
  return before !== undefined && idOf(before.person) !== values.person;
}
