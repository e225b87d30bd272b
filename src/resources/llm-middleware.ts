import type { Successor } from '../chat/desk.ts';
import type { FieldErrors } from '../chat/form.ts';
import type { Resource, Row, RuleContext, Values } from './definition.ts';
import { flag, integer, json, paragraph, relation, text } from './field.ts';
import { nameOf, valuesOf } from './input.ts';
import { leakedKeys } from './leaked-keys.ts';
import { llmModels } from './llm-models.ts';
import { ownName } from './middleware-names.ts';
import { begunConfig, configOver, jsonSchemaOf, middlewareTypes } from './middleware-types.ts';
import { isPriced } from './model-price.ts';
import type { Rows } from './rows.ts';
import { sentencesOf } from './sentences.ts';
import type { MiddlewareKind, PlacedLayer, World } from './world.ts';

/** The layers around each model. */
export const llmMiddleware: Resource = {
  path: 'llm-middleware',
  table: 'llm_middleware',
  suffix: 'llmmiddleware',
  word: 'middleware',
  one: 'middleware',
  many: 'Middleware',
  help: 'The layers around each model, beside those that it has by default: its Layers show all. A lower priority lies further out.',
  fields: {
    llm_model: relation({
      label: 'Model',
      help: 'The model that it lies around.',
      to: 'llm-models',
      table: 'llm_models',
      nameColumn: 'name',
      onDelete: 'cascade',
    }),
    middleware: relation({
      label: 'Type',
      help: 'What it does; each model has each type once.',
      to: 'middleware-types',
      table: 'middleware_types',
      nameColumn: 'name',
      onDelete: 'protect',
    }),
    config: json({
      label: 'Config',
      help: 'Its options, such as {"max_retries": 2}. `middleware-types options <type>` lists them; on a command line, config.<option>=….',
      initial: {},
    }),
    config_version: text({
      label: 'Config version',
      help: 'Written into the log.',
      initial: '1.1.0',
      max: 20,
    }),
    is_active: flag({ label: 'Active', help: 'Off: it is left out.', initial: true }),
    is_critical: flag({
      label: 'Critical',
      help: 'When it cannot be built, the turn fails; otherwise it is left out with a warning.',
      initial: false,
    }),
    priority: integer({
      label: 'Priority',
      help: 'From 1, outermost, to 100, next to the model. Each type recommends one.',
      initial: 10,
      min: 1,
      max: 100,
    }),
    warning: paragraph({
      label: 'Warning',
      help: 'What was odd about its place among the others when it was saved.',
      initial: '',
      isReadOnly: true,
    }),
  },
  nameField: 'id',
  icon: (row) => (row.is_active === true ? '🟢' : '⚪'),
  key: ['llm_model', 'middleware'],
  columns: ['llm_model', 'middleware', 'priority', 'is_active', 'is_critical', 'is_available', 'problem'],
  search: ['llm_model', 'middleware'],
  order: ['priority', 'middleware'],
  changes: ['create', 'change', 'delete'],
  example: {
    llm_model: 'gpt-4o',
    middleware: 'ModelCallLimitMiddleware',
    config: { run_limit: 25 },
    priority: 5,
  },
  accept: (input) =>
    typeof input.middleware === 'string' ? { ...input, middleware: ownName(input.middleware) } : input,
  completes: async ({ middleware, config }, rows) => {
    const type = await rows.find(middlewareTypes, { id: String(middleware) });
    return type === undefined ? {} : { config: configOver(type, config) };
  },
  begins: ({ middleware }, world) => {
    const priority = world.middleware(String(middleware))?.priority;
    return priority === undefined ? {} : { priority };
  },
  options: {
    of: 'config',
    by: 'middleware',
    schema: (row, world) => {
      const kind = world.middleware(String(row.name));
      if (kind === undefined) return undefined;
      const hasOwn = Object.keys(Object(row.default_config)).length > 0;
      return { schema: jsonSchemaOf(kind), ...(hasOwn ? { defaults: begunConfig(row, world) } : {}) };
    },
  },
  show: (row, world) => {
    const kind = world.middleware(nameOf(row.middleware));
    return { is_available: failureOf(row, kind) === undefined, problem: problemOf(row, world) };
  },
  check: async ({ values, rows, world }: RuleContext): Promise<FieldErrors> => {
    const type = await rows.find(middlewareTypes, { id: String(values.middleware) });
    const kind = world.middleware(String(type?.name));
    const problems = [...leakedKeys(values.config), ...problemsOf(values.config, kind)];
    if (problems.length > 0) return { config: problems };
    const foreign = await foreignTo(String(values.llm_model), { type: String(type?.name), kind, rows });
    if (foreign !== undefined) return { middleware: [foreign] };
    const missing = await missingModels(kind?.models?.(values.config) ?? [], rows);
    return missing.length === 0 ? {} : { config: missing };
  },
  prepare: async ({ values, before, rows, world }: RuleContext) => {
    const type = await rows.find(middlewareTypes, { id: String(values.middleware) });
    const parsed = world.middleware(String(type?.name))?.config.safeParse(values.config);
    const known = parsed?.success === true ? { config: parsed.data } : {};
    const layer = { type: String(type?.name), id: before?.id, values: { ...values, ...known } };
    return { values: { warning: await doubtsAbout(layer, rows, world), ...known } };
  },
  successor: async ({ row, rows, world }) => {
    const model = await rows.find(llmModels, { name: nameOf(row.llm_model) });
    return model?.default_layers === false ? undefined : defaultInstead(row, world);
  },
  follows: (row, _before, world) => (row.is_active === true ? problemOf(row, world) || undefined : undefined),
  display: (row: Row) => `${nameOf(row.middleware)} on ${nameOf(row.llm_model)}`,
};

/** A layer as it is, or is about to be. */
interface Looked {
  readonly type: string;
  /** Of its row; absent: it has none yet. */
  readonly id: string | undefined;
  readonly values: Values;
}

/** What is odd about a layer, as sentences: its place among the others, and what does not work around its model. */
async function doubtsAbout(layer: Looked, rows: Rows, world: World): Promise<string> {
  const { type, values } = layer;
  if (values.is_active === false) return '';
  const model = await rows.find(llmModels, { id: String(values.llm_model) });
  const others = await othersOf(layer, model, { rows, world });
  const around = { isPriced: model !== undefined && isPriced(model, world), others };
  const kind = world.middleware(type);
  const doubt = kind?.config.safeParse(values.config).success === true && kind.doubt?.(values.config, around);
  const order = world.middlewareOrder({ type, priority: Number(values.priority) }, others);
  return [...order, ...(doubt ? [doubt] : [])].join(' ');
}

/** What keeps a stored layer from running, or is odd about it as everything is now; empty: nothing. */
export async function problemNow(row: Row, rows: Rows, world: World): Promise<string> {
  const type = nameOf(row.middleware);
  const hard = failureOf(row, world.middleware(type));
  return hard ?? (await doubtsAbout({ type, id: row.id, values: valuesOf(llmMiddleware, row) }, rows, world));
}

/** A row takes the place of the default layer of its type, which is there again without it. */
function defaultInstead(row: Row, world: RuleContext['world']): Successor | undefined {
  const type = nameOf(row.middleware);
  const layer = world.defaultLayers([]).find((one) => one.type === type);
  if (layer === undefined) return undefined;
  const model = nameOf(row.llm_model);
  return {
    sentence: `In its place ${model} has the default ${type} again, at priority ${layer.priority}.`,
    otherwise:
      row.is_active === true
        ? 'For none at all, disable it instead.'
        : 'For none at all, leave it as it is, disabled.',
  };
}

/** What keeps it from running, in a sentence, or what was odd about it when it was saved; empty: nothing. */
export function problemOf(row: Row, world: World): string {
  return failureOf(row, world.middleware(nameOf(row.middleware))) ?? String(row.warning ?? '');
}

/** What keeps it from running, as a sentence. */
function failureOf(row: Row, kind: MiddlewareKind | undefined): string | undefined {
  if (kind === undefined) return 'There is no middleware of this type; it is left out.';
  if (!kind.isBuilt) return kind.problem ?? 'It is not built into this version.';
  const [problem] = problemsOf(row.config, kind);
  if (problem !== undefined) return `Its config is not valid any more: ${problem}`;
  const missing = kind.needs?.(row.config);
  if (missing !== undefined) return missing;
  const why = kind.failure?.(nameOf(row.llm_model), row.config);
  return why === undefined ? undefined : `It could not be built when it was needed last: ${why}`;
}

async function missingModels(models: readonly string[], rows: Rows): Promise<readonly string[]> {
  const found = await Promise.all(
    models.map(async (name) => [name, await rows.find(llmModels, { name })] as const),
  );
  return found.flatMap(([name, row]) => {
    if (row === undefined) return [`There is no LLM model “${name.slice(0, 100)}”.`];
    return row.is_enabled === false ? [`The LLM model “${name}” is not enabled.`] : [];
  });
}

interface Wanted {
  readonly type: string;
  readonly kind: MiddlewareKind | undefined;
  readonly rows: Rows;
}

/** Why a model cannot have a type, as a sentence: its provider lacks what the type needs. */
async function foreignTo(modelId: string, { type, kind, rows }: Wanted): Promise<string | undefined> {
  if (kind?.providers === undefined) return undefined;
  const provider = nameOf((await rows.find(llmModels, { id: modelId }))?.llm_provider);
  if (kind.providers.includes(provider)) return undefined;
  return `${type} needs a model of ${kind.providers.join(', ')}; this one is of ${provider}, which cannot do it.`;
}

/** The other active layers of the same model, those that it has by default too. */
async function othersOf(
  { type, id, values }: Looked,
  model: Row | undefined,
  { rows, world }: Pick<RuleContext, 'rows' | 'world'>,
): Promise<readonly (PlacedLayer & { readonly config: unknown })[]> {
  const page = await rows.list(llmMiddleware, {
    filters: [{ field: 'llm_model', comparison: 'is_id', values: [String(values.llm_model)] }],
    order: [],
    limit: 100,
    offset: 0,
  });
  const own = page.rows
    .filter((row) => row.id !== id)
    .map((row) => ({
      type: nameOf(row.middleware),
      priority: Number(row.priority),
      config: row.config,
      row,
    }));
  const types = [type, ...own.map((layer) => layer.type)];
  const defaults = model?.default_layers === false ? [] : world.defaultLayers(types);
  return [...own.filter(({ row }) => row.is_active === true), ...defaults];
}

function problemsOf(config: unknown, kind: MiddlewareKind | undefined): readonly string[] {
  const parsed = kind?.config.safeParse(config);
  if (parsed === undefined || parsed.success) return [];
  return sentencesOf(parsed.error);
}
