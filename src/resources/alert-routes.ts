import type { GroupView } from '../alerts/port.ts';
import type { FieldErrors } from '../chat/form.ts';
import { investigatingFields, sendingFields, tellingFields } from './alert-route-fields.ts';
import type { ActionContext, Resource, RuleContext } from './definition.ts';
import { flag, paragraph, text } from './field.ts';
import { alertsSchema, alertTestSchema } from './outputs.ts';
import { ownedBy, ownerFields } from './owned.ts';

/** Where alerts come in: who posts them, where they are told of, and what the model does about them. */
export const alertRoutes: Resource = {
  path: 'alert-routes',
  table: 'alert_routes',
  suffix: 'alertroute',
  word: 'alert-routes',
  one: 'alert route',
  many: 'Alert routes',
  help: 'Where alerts come in: who posts them, where they are told of, and what the model does about them.',
  fields: {
    ...sendingFields,
    ...tellingFields,
    ...investigatingFields,
    is_enabled: flag({ label: 'Enabled', help: 'Off: it takes nothing.', initial: true }),
    description: paragraph({ label: 'Description', help: 'What it is for.', initial: '', max: 500 }),
    ...ownerFields,
    origin: text({ label: 'Origin', help: 'Who made it.', initial: 'admin', isReadOnly: true }),
  },
  nameField: 'name',
  columns: ['name', 'format', 'path', 'target', 'investigate', 'is_enabled'],
  search: ['name', 'description'],
  order: ['name'],
  changes: ['create', 'change', 'delete'],
  icon: (row) => (row.is_enabled === true ? '🟢' : '⚪'),
  example: {
    name: 'production',
    format: 'alertmanager',
    authentication: 'token',
    secret_key: 'env:ALERTMANAGER_TOKEN',
    target: 'web:ops',
    tools: ['host__*'],
  },
  show: ({ name }) => ({ path: `/hooks/alerts/${String(name)}` }),
  check: checkRoute,
  closes: async (row, world) => ({ ...openGroup, ...(await world.alerts.open(row.id)) }),
  prepare: ownedBy(['investigate', 'instructions', 'tools', 'target']),
  actions: {
    test: {
      label: 'Test',
      help: 'Lets a made-up alert come in, and the next time resolves it.',
      method: 'POST',
      needs: 'change',
      output: alertTestSchema,
      example: {
        success: true,
        message: 'A test alert fires. Its thread opens now. Test again to resolve it.',
      },
      run: test,
    },
    recent: {
      label: 'Recent alerts',
      help: 'The groups of alerts that came in last, and how they stand.',
      method: 'GET',
      needs: 'view',
      output: alertsSchema,
      example: { count: 0, groups: [] },
      run: listRecent,
    },
  },
};

const openGroup = { one: 'open group of alerts', many: 'open groups of alerts' } as const;

function checkRoute({ values, before, world, by }: RuleContext): FieldErrors {
  const { target, authentication, secret_key: secret } = values;
  const isNewTarget = target !== '' && target !== before?.target;
  const place = isNewTarget ? world.schedules.targetProblem(String(target), by.author.principal) : undefined;
  const template = world.alerts.templateProblem(String(values.template));
  const isNone = authentication === 'none';
  return {
    ...(isNone && !world.alerts.takesAnybody
      ? { authentication: ['Outside LAB every sender must show who it is. Choose a token or a signature.'] }
      : {}),
    ...(!isNone && secret === ''
      ? { secret_key: ['Say where its secret is, such as env:ALERTMANAGER_TOKEN.'] }
      : {}),
    ...(place === undefined ? {} : { target: [place] }),
    ...(template === undefined ? {} : { template: [template] }),
  };
}

async function test({ row, world }: ActionContext): Promise<unknown> {
  const { ok, message } = await world.alerts.test(row.id);
  return { success: ok, message };
}

const shownGroups = 50;

async function listRecent({ row, world }: ActionContext): Promise<unknown> {
  const groups = await world.alerts.recent(row.id, shownGroups);
  return { count: groups.length, groups: groups.map(groupJson) };
}

function groupJson(group: GroupView) {
  return {
    title: group.title,
    state: group.state,
    severity: group.severity,
    firing: group.counts.firing,
    resolved: group.counts.resolved,
    opened_at: group.openedAt,
    last_at: group.lastAt,
    resolved_at: group.resolvedAt ?? null,
    thread_id: group.threadId ?? null,
    is_in_storm: group.isInStorm,
  };
}
