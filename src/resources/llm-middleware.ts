import type { FieldErrors } from '../chat/form.ts';
import type { Resource, Row, RuleContext } from './definition.ts';
import { flag, integer, json, paragraph, relation, text } from './field.ts';
import { nameOf } from './input.ts';
import { leakedKeys } from './leaked-keys.ts';
import { llmModels } from './llm-models.ts';
import { jsonSchemaOf, middlewareTypes } from './middleware-types.ts';
import type { Rows } from './rows.ts';
import { sentencesOf } from './sentences.ts';
import type { MiddlewareKind, PlacedLayer } from './world.ts';

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
  begins: ({ middleware }, world) => {
    const priority = world.middleware(String(middleware))?.priority;
    return priority === undefined ? {} : { priority };
  },
  options: {
    of: 'config',
    by: 'middleware',
    schema: (row, world) => {
      const kind = world.middleware(String(row.name));
      return kind === undefined ? undefined : { schema: jsonSchemaOf(kind) };
    },
  },
  show: (row, world) => {
    const kind = world.middleware(nameOf(row.middleware));
    return { is_available: kind?.isBuilt ?? false, problem: problemOf(row, kind) };
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
    const one = { type: String(type?.name), priority: Number(values.priority) };
    const odd =
      values.is_active === false
        ? []
        : world.middlewareOrder(one, await othersOf(one.type, { values, before, rows, world }));
    return {
      values: { warning: odd.join(' '), ...(parsed?.success === true ? { config: parsed.data } : {}) },
    };
  },
  display: (row: Row) => `${nameOf(row.middleware)} on ${nameOf(row.llm_model)}`,
};

/** What keeps it from running, or is odd about it, in a sentence; empty: nothing. */
function problemOf(row: Row, kind: MiddlewareKind | undefined): string {
  if (kind === undefined) return 'There is no middleware of this type; it is left out.';
  if (!kind.isBuilt) return kind.problem ?? 'It is not built into this version.';
  const [problem] = problemsOf(row.config, kind);
  return problem === undefined ? String(row.warning ?? '') : `Its config is not valid any more: ${problem}`;
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

interface Others extends Pick<RuleContext, 'values' | 'rows' | 'world'> {
  readonly before: Row | undefined;
}

/** The other active layers of the same model, those that it has by default too. */
async function othersOf(
  type: string,
  { values, before, rows, world }: Others,
): Promise<readonly PlacedLayer[]> {
  const id = String(values.llm_model);
  const page = await rows.list(llmMiddleware, {
    filters: [{ field: 'llm_model', comparison: 'is_id', values: [id] }],
    order: [],
    limit: 100,
    offset: 0,
  });
  const own = page.rows
    .filter((row) => row.id !== before?.id)
    .map((row) => ({ type: nameOf(row.middleware), priority: Number(row.priority), row }));
  const model = await rows.find(llmModels, { id });
  const types = [type, ...own.map((layer) => layer.type)];
  const defaults = model?.default_layers === false ? [] : world.defaultLayers(types);
  return [...own.filter(({ row }) => row.is_active === true), ...defaults];
}

function problemsOf(config: unknown, kind: MiddlewareKind | undefined): readonly string[] {
  const parsed = kind?.config.safeParse(config);
  if (parsed === undefined || parsed.success) return [];
  return sentencesOf(parsed.error);
}
