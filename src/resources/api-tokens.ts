import { newApiToken } from '../access/tokens.ts';
import type { FieldErrors } from '../chat/form.ts';
import type { Prepared, Resource, RuleContext } from './definition.ts';
import { flag, text, texts, time } from './field.ts';
import { added, beyondOwn, differsInTime, listOf, unknownPermissions } from './giving.ts';

/** Tokens by which programs use the API. */
export const apiTokens: Resource = {
  path: 'api-tokens',
  table: 'api_tokens',
  suffix: 'apitoken',
  word: 'api-tokens',
  one: 'API token',
  many: 'API tokens',
  help: 'Tokens by which programs use the API. A token is shown once, when it is made.',
  fields: {
    name: text({ label: 'Name', help: 'Which program uses it.', max: 100 }),
    permissions: texts({
      label: 'Permissions',
      help: 'What it may do, besides what grants to it give; * matches anything, as in ai_ops.view_*.',
      initial: [],
      offers: 'permissions',
      max: 100,
    }),
    expires: time({ label: 'Expires', help: 'When it ends. Empty: never.', initial: null }),
    is_enabled: flag({ label: 'Enabled', help: 'Off: nobody gets in with it.', initial: true }),
    token_hash: text({ label: 'Hash', help: 'What is kept of it.', isReadOnly: true, isHidden: true }),
    hint: text({
      label: 'Begins with',
      help: 'Its first characters.',
      initial: '',
      isReadOnly: true,
    }),
    last_used: time({
      label: 'Last used',
      help: 'To the minute.',
      initial: null,
      isReadOnly: true,
    }),
    created_by: text({
      label: 'Made by',
      help: 'Whose it is: who made it, or made the token that did.',
      initial: '',
      isReadOnly: true,
    }),
  },
  nameField: 'name',
  icon: (row) => (row.is_enabled === true ? '🟢' : '⚪'),
  columns: ['name', 'hint', 'permissions', 'expires', 'last_used', 'is_enabled'],
  search: ['name', 'hint', 'created_by'],
  order: ['name'],
  changes: ['create', 'change', 'delete'],
  alsoNeeds: 'manage_access',
  example: {
    name: 'deploy pipeline',
    permissions: ['chat', 'ai_ops.view_mcpserver'],
    expires: '2027-12-31T23:59:59Z',
    is_enabled: true,
  },
  show: (row) => ({ principal: `token:${row.id}` }),
  check: checkToken,
  prepare: withSecret,
};

/** What revives a token gives all of its permissions anew, and only who holds them may call it something else. */
function checkToken(context: RuleContext): FieldErrors {
  const { values, before } = context;
  const wanted = listOf(values.permissions);
  const fresh = added(wanted, listOf(before?.permissions));
  const isRevived =
    before !== undefined &&
    (differsInTime(before, values, 'expires') || (values.is_enabled === true && before.is_enabled !== true));
  const isRenamed = before !== undefined && before.name !== values.name;
  const given = isRevived || isRenamed ? wanted : fresh;
  const problems = [...unknownPermissions(fresh, context), ...beyondOwn(given, context)];
  return problems.length === 0 ? {} : { permissions: problems };
}

async function withSecret({ before, by, rows }: RuleContext): Promise<Prepared> {
  if (before !== undefined) return { values: {} };
  const { token, hash, hint } = newApiToken();
  const values = { token_hash: hash, hint, created_by: await makerOf(by, rows) };
  return { values, reveal: { token } };
}

/** A token that a token made belongs to whom that one belongs to: nobody gets a stranger by making one. */
async function makerOf({ author }: RuleContext['by'], rows: RuleContext['rows']): Promise<string> {
  const [kind, id = ''] = author.principal.split(':');
  const maker = kind === 'token' ? await rows.find(apiTokens, { id }) : undefined;
  const owner = maker?.created_by;
  return typeof owner === 'string' && owner !== '' ? owner : author.principal;
}
