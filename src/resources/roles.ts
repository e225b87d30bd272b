import type { FieldErrors } from '../chat/form.ts';
import type { Resource, RuleContext } from './definition.ts';
import { flag, paragraph, text, texts } from './field.ts';
import { added, beyondOwn, listOf, unknownPermissions } from './giving.ts';

/** Named lists of permissions. */
export const roles: Resource = {
  path: 'roles',
  table: 'roles',
  suffix: 'role',
  word: 'roles',
  one: 'role',
  many: 'Roles',
  help: 'Named lists of permissions. Grants give them to people, groups, channels, tenants and tokens.',
  fields: {
    name: text({ label: 'Name', help: 'What people call it.', max: 100 }),
    description: paragraph({ label: 'Description', help: 'Whom it is for.', initial: '' }),
    permissions: texts({
      label: 'Permissions',
      help: 'Such as chat, approve or ai_ops.change_llmmodel; * matches anything, as in ai_ops.view_*.',
      initial: [],
      offers: 'permissions',
      max: 100,
    }),
    is_builtin: flag({
      label: 'Built in',
      help: 'Comes with the bot and stays as it is.',
      initial: false,
      isReadOnly: true,
    }),
  },
  nameField: 'name',
  columns: ['name', 'description', 'permissions', 'is_builtin'],
  search: ['name', 'description'],
  order: ['-is_builtin', 'name'],
  changes: ['create', 'change', 'delete'],
  alsoNeeds: 'manage_access',
  example: {
    name: 'model keeper',
    description: 'Looks after the models.',
    permissions: ['chat', 'ai_ops.view_*', 'ai_ops.change_llmmodel'],
  },
  check: checkRole,
  keep: (row) => (row.is_builtin === true ? 'A built-in role cannot be deleted.' : undefined),
};

function checkRole(context: RuleContext): FieldErrors {
  const { values, before } = context;
  if (before?.is_builtin === true)
    return { non_field_errors: ['A built-in role stays as it is. Make a role of your own.'] };
  const wanted = listOf(values.permissions);
  const given = added(wanted, listOf(before?.permissions));
  const problems = [...unknownPermissions(given, context), ...beyondOwn(given, context)];
  return problems.length === 0 ? {} : { permissions: problems };
}
