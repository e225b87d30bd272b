import type { FieldErrors } from '../chat/form.ts';
import type { ActionContext, Caller, Resource, Row, RuleContext, Values } from './definition.ts';
import { nameOf } from './input.ts';
import { leakedKeys } from './leaked-keys.ts';
import { llmModelFields } from './llm-model-fields.ts';
import { llmProviders } from './llm-providers.ts';
import { priceText, shownPrice } from './model-price.ts';
import { doneSchema, modelTestSchema } from './outputs.ts';
import { configProblems, settingsSchema } from './provider-config.ts';
import type { Rows } from './rows.ts';
import { tryModel } from './try-out.ts';

/** Settings that older clients write and read beside the others. */
const olderNames = ['azure_endpoint', 'api_version'] as const;

/** The language models that answer. */
export const llmModels: Resource = {
  path: 'llm-models',
  table: 'llm_models',
  suffix: 'llmmodel',
  word: 'models',
  one: 'LLM model',
  many: 'LLM models',
  help: 'The language models that answer. The default one does: the first that is made, until another is. While it is disabled or there is none, the first enabled one by name answers, and one that the environment names comes last.',
  fields: llmModelFields,
  nameField: 'name',
  columns: ['name', 'llm_provider', 'is_default', 'is_enabled', 'temperature', 'system_prompt'],
  search: ['name', 'description'],
  order: ['-is_default', 'name'],
  changes: ['create', 'change', 'delete'],
  example: {
    name: 'gpt-4-turbo',
    description: 'Fast GPT-4 model',
    model_secret_key: 'azure_gpt4_api_key',
    azure_endpoint: 'https://your-resource.openai.azure.com/',
    api_version: '2024-02-15-preview',
    is_default: false,
    temperature: 0.3,
  },
  options: {
    of: 'model_config',
    by: 'llm_provider',
    schema: (row, world) => {
      const provider = world.provider(String(row.name));
      return provider === undefined
        ? undefined
        : { schema: settingsSchema(provider), defaults: settingsOf(row.config_schema) };
    },
  },
  accept: withOlderNames,
  asks: (given) => (given.azure_endpoint === undefined ? ['llm_provider'] : []),
  foremost: { find: async (rows) => (await answering(rows))[0], sentence: answersNow },
  show: (row, world) => {
    const config = settingsOf(row.model_config);
    return {
      ...Object.fromEntries(olderNames.map((name) => [name, config[name] ?? ''])),
      ...shownPrice(row, world),
    };
  },
  check: checkModel,
  prepare: async (context) => ({
    values: {
      origin: originAfter(context.by, context.before),
      ...(isNamedDefault(context) ? { is_stand_in: false } : {}),
      ...(await withoutSecondDefault(context)),
    },
  }),
  makeWay: async (context) => {
    const other = await otherDefault(context);
    return other?.is_stand_in === true ? [{ id: other.id, values: { is_default: false } }] : [];
  },
  settle: firstDefault,
  successor: async ({ row, rows }) => {
    const [first, next] = await answering(rows);
    if (first?.id !== row.id) return undefined;
    const who = next === undefined ? 'nobody' : String(next.name);
    const isDefault = row.is_default === true;
    return {
      sentence: `Threads without a model of their own are answered by ${who} then.`,
      otherwise: isDefault ? 'It is the default model now.' : 'It answers now where no other is chosen.',
    };
  },
  display: (row) => (row.is_default === true ? `${String(row.name)} (default)` : String(row.name)),
  brief: (row, world, isForemost) => ({
    Provider: nameOf(row.llm_provider),
    Default: defaultText(row, isForemost),
    Price: priceText(row, world),
    'Last test': testText(row),
  }),
  icon: (row) => {
    if (row.is_enabled !== true) return '⚪';
    if (row.last_tested !== null && row.last_test_error !== '') return '🔴';
    return row.is_default === true ? '⭐' : '🟢';
  },
  tryOut: tryModel,
  actions: {
    test: {
      label: 'Test',
      help: 'Calls the model once with a few words.',
      method: 'POST',
      needs: 'change',
      output: modelTestSchema,
      example: { ok: true, latency_ms: 412, tokens: 14, text: 'OK.' },
      run: test,
    },
    'set-default': {
      label: 'Make default',
      help: 'Makes it the model that answers, instead of the one that is.',
      method: 'POST',
      needs: 'change',
      output: doneSchema,
      example: { success: true, message: 'gpt-4o is the default now.' },
      run: setDefault,
    },
  },
};

/** The enabled models in the order in which they answer where none is chosen: as turns find them. */
export async function answering(rows: Rows): Promise<readonly Row[]> {
  const filters = [{ field: 'is_enabled', comparison: 'is', values: ['true'] }] as const;
  const all = { filters, order: [], limit: 1000, offset: 0 };
  const providers = new Set((await rows.list(llmProviders, all)).rows.map(({ id }) => id));
  const { rows: models } = await rows.list(llmModels, { ...all, order: ['-is_default', 'name'] });
  const found = models.filter((row) => providers.has(idOf(row.llm_provider)));
  const isLast = (row: Row) => row.is_default !== true && row.origin === 'environment';
  return [...found.filter((row) => !isLast(row)), ...found.filter(isLast)];
}

function idOf(relation: unknown): string {
  return String(settingsOf(relation).id);
}

function answersNow(foremost: Row | undefined, changed: Row): string {
  const it = foremost?.id === changed.id ? 'it' : String(foremost?.name);
  const who = foremost === undefined ? 'nobody' : it;
  return `Threads without a model of their own are answered by ${who} from now on.`;
}

/** Whether it is the default, and whether it answers where that is not the same. */
function defaultText({ is_default }: Row, isForemost = is_default === true): unknown {
  if (isForemost === (is_default === true)) return is_default;
  return isForemost ? 'no, but it answers' : 'yes, but it does not answer';
}

/** A model that begins to be used while there is no default is it: none takes its place unasked. */
async function firstDefault({ changed, rows }: Parameters<NonNullable<Resource['settle']>>[0]) {
  const begin = new Set(changed.flatMap(({ row, before }) => (before?.is_enabled === true ? [] : [row.id])));
  if (begin.size === 0 || (await rows.first(llmModels, 'is_default', true)) !== undefined) return [];
  const able = new Set((await answering(rows)).map(({ id }) => id));
  const first = changed.find(({ row }) => begin.has(row.id) && able.has(row.id));
  return first === undefined ? [] : [{ id: first.row.id, values: { is_default: true, is_stand_in: true } }];
}

function testText({ last_tested, last_test_ms, last_test_error }: Row): string {
  if (typeof last_tested !== 'string') return 'never';
  const how = last_test_error === '' ? `ok in ${String(last_test_ms)} ms` : 'failed';
  return `${how}, ${last_tested.slice(0, 16).replace('T', ' ')} UTC`;
}

/** `azure_endpoint` and `api_version` at top level belong into the settings; an endpoint of Azure means Azure. */
function withOlderNames(input: Values, before: Row | undefined): Values {
  const given = olderNames.filter((name) => typeof input[name] === 'string');
  if (given.length === 0) return input;
  const shown = settingsOf(before?.model_config);
  const changed = given.filter((name) => input[name] !== (shown[name] ?? ''));
  const config = { ...shown, ...settingsOf(input.model_config) };
  for (const name of changed) {
    if (input[name] === '') delete config[name];
    else config[name] = input[name];
  }
  const isAzure = before === undefined && input.llm_provider === undefined && Boolean(input.azure_endpoint);
  return {
    ...input,
    ...(changed.length === 0 ? {} : { model_config: config }),
    ...(isAzure ? { llm_provider: 'azure_ai' } : {}),
  };
}

function settingsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

async function checkModel({ values, before, rows, world, by }: RuleContext): Promise<FieldErrors> {
  const provider = await rows.find(llmProviders, { id: String(values.llm_provider) });
  const merged = { ...settingsOf(provider?.config_schema), ...settingsOf(values.model_config) };
  const problems = [
    ...leakedKeys(values.model_config),
    ...configProblems(world.provider(String(provider?.name)), merged),
  ];
  const other = await otherDefault({ values, rows, ...(before === undefined ? {} : { before }) });
  const mayYield = by.source === 'bootstrap' || other?.is_stand_in === true;
  return {
    ...(problems.length === 0 ? {} : { model_config: problems }),
    ...(other === undefined || mayYield
      ? {}
      : { is_default: [`“${String(other.name)}” is the default already; make it not the default first.`] }),
  };
}

/** Somebody says that it is the default, which it was not. */
function isNamedDefault({ values, before }: RuleContext): boolean {
  return values.is_default === true && before?.is_default !== true;
}

/** The default that another row is to be instead of. */
async function otherDefault({
  values,
  before,
  rows,
}: Pick<RuleContext, 'values' | 'before' | 'rows'>): Promise<Row | undefined> {
  const found = values.is_default === true ? await rows.first(llmModels, 'is_default', true) : undefined;
  return found?.id === before?.id ? undefined : found;
}

/** A file's default yields to the one that there is. */
async function withoutSecondDefault({ values, before, rows, by }: RuleContext): Promise<Values> {
  if (by.source !== 'bootstrap' || before !== undefined || values.is_default !== true) return {};
  const other = await otherDefault({ values, rows });
  return other === undefined || other.is_stand_in === true ? {} : { is_default: false };
}

/** What an admin changes is the admin's from then on: the environment replaces only what it made itself. */
function originAfter(by: Caller, before: Row | undefined): unknown {
  if (by.source === 'bootstrap') return 'bootstrap';
  return before === undefined || before.origin === 'environment' ? 'admin' : before.origin;
}

async function test({ row, world, by, note }: ActionContext): Promise<unknown> {
  const { latencyMs, ...test } = await world.testModel(row.id, by.author.principal);
  await note({
    last_tested: new Date().toISOString(),
    last_test_ms: Math.round(latencyMs),
    last_test_error: test.ok ? '' : (test.guarded ?? test.detail),
  });
  if (test.ok) return { ...test, latency_ms: latencyMs };
  return { ok: false, kind: test.kind, detail: test.detail, latency_ms: latencyMs };
}

async function setDefault({ row, rows, change }: ActionContext): Promise<unknown> {
  const other = await rows.first(llmModels, 'is_default', true);
  const before =
    other === undefined || other.id === row.id ? [] : [{ id: other.id, values: { is_default: false } }];
  await change([...before, { id: row.id, values: { is_default: true } }]);
  return { success: true, message: `${String(row.name)} is the default now.` };
}
