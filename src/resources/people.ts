import type { Resource } from './definition.ts';
import { text } from './field.ts';
import { holdsAll } from './giving.ts';

/** Those behind identities. The bot makes them when it first sees somebody; administrators, to part identities. */
export const people: Resource = {
  path: 'people',
  table: 'people',
  suffix: 'person',
  word: 'people',
  one: 'person',
  many: 'People',
  help: 'Those behind the identities on Slack, on Teams and in the console.',
  fields: {
    name: text({ label: 'Name', help: 'What people call them.' }),
    email: text({
      label: 'E-mail',
      help: 'As a platform or the organisation’s issuer vouches for it; identities join by it.',
      initial: null,
      isReadOnly: true,
    }),
  },
  // Names are not unique among people, though a bootstrap file makes one of each.
  nameField: 'email',
  key: ['name'],
  columns: ['name', 'email'],
  search: ['name', 'email'],
  order: ['name'],
  changes: ['create', 'change', 'delete'],
  alsoNeeds: 'manage_access',
  example: { name: 'Ada Byron' },
  display: (row) => (row.email === null ? String(row.name) : `${String(row.name)} (${String(row.email)})`),
  check: (context) =>
    holdsAll(context) ? {} : { name: ['Only who holds all permissions can make or change people.'] },
};
