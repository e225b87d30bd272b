import { z } from 'zod';
import type { FieldErrors } from '../chat/form.ts';
import type { Resource, RuleContext, Values } from './definition.ts';
import { choice, flag, text, written } from './field.ts';
import { beyondOwn, listOf } from './giving.ts';
import { grants } from './grants.ts';
import { idOf } from './input.ts';
import { roles } from './roles.ts';

const externalId = z
  .string({ error: 'Write a text.' })
  .trim()
  .min(1, { error: 'This may not be empty.' })
  .max(100, { error: 'At most 100 characters.' })
  .regex(/^[^:\s]+$/, { error: 'No spaces and no colons.' });

/** The workspaces and organisations whose members may use the bot. */
export const tenants: Resource = {
  path: 'tenants',
  table: 'tenants',
  suffix: 'tenant',
  word: 'tenants',
  one: 'tenant',
  many: 'Tenants',
  help: 'The Slack workspaces and Entra tenants whose members hold what is granted to tenants.',
  fields: {
    name: text({ label: 'Name', help: 'What people call it.' }),
    platform: choice({
      label: 'Platform',
      help: 'Where it is.',
      choices: [
        { value: 'slack', label: 'Slack' },
        { value: 'teams', label: 'Microsoft Teams' },
      ],
    }),
    external_id: written({
      label: 'Id there',
      help: 'The workspace’s id (T…, or E… of an organisation), or the tenant’s id in Entra.',
      schema: externalId,
      placeholder: 'T0123456789',
    }),
    is_enabled: flag({
      label: 'Enabled',
      help: 'Off: its members hold nothing by it.',
      initial: true,
    }),
  },
  nameField: 'name',
  columns: ['name', 'platform', 'external_id', 'is_enabled'],
  search: ['name', 'external_id'],
  order: ['name'],
  changes: ['create', 'change', 'delete'],
  alsoNeeds: 'manage_access',
  example: { name: 'Acme', platform: 'slack', external_id: 'T0123456789', is_enabled: true },
  check: checkTenant,
};

/** Whoever lets a tenant in gives its members all that is granted to them. */
async function checkTenant(context: RuleContext): Promise<FieldErrors> {
  const { values, before } = context;
  const letIn = membersOf(values);
  if (letIn === undefined || (before !== undefined && letIn === membersOf(before))) return {};
  const problems = beyondOwn(await givenTo(['tenant:*', letIn], context), context);
  return problems.length === 0 ? {} : { is_enabled: problems };
}

/** To whom something is granted that the members of a tenant then hold; to nobody while it is disabled. */
function membersOf({ is_enabled, platform, external_id }: Values): string | undefined {
  return is_enabled === true ? `tenant:${String(platform)}:${String(external_id)}` : undefined;
}

/** The permissions of all roles granted to any of these. An expired grant counts: it can be prolonged. */
async function givenTo(principals: readonly string[], { rows }: RuleContext): Promise<readonly string[]> {
  const filters = [{ field: 'principal', comparison: 'is', values: principals }] as const;
  const given = await rows.list(grants, { filters, order: [], limit: everyGrant, offset: 0 });
  const ids = new Set(given.rows.map(({ role }) => idOf(role) ?? ''));
  const found = await Promise.all([...ids].map((id) => rows.find(roles, { id })));
  return found.flatMap((role) => listOf(role?.permissions));
}

const everyGrant = Number.MAX_SAFE_INTEGER;
