import type { FieldErrors } from '../chat/form.ts';
import type { Resource, Row, RuleContext } from './definition.ts';
import { flag, integer, json, relation, text } from './field.ts';
import { nameOf } from './input.ts';
import { leakedKeys } from './leaked-keys.ts';
import { middlewareTypes } from './middleware-types.ts';
import { sentencesOf } from './sentences.ts';
import type { MiddlewareKind } from './world.ts';

/** The layers around each model. */
export const llmMiddleware: Resource = {
  path: 'llm-middleware',
  table: 'llm_middleware',
  suffix: 'llmmiddleware',
  word: 'middleware',
  one: 'middleware',
  many: 'Middleware',
  help: 'The layers around each model. A lower priority lies further out.',
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
    config: json({ label: 'Config', help: 'Its options; the type says which there are.', initial: {} }),
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
      help: 'From 1, outermost, to 100, next to the model.',
      initial: 10,
      min: 1,
      max: 100,
    }),
  },
  nameField: 'id',
  key: ['llm_model', 'middleware'],
  columns: ['llm_model', 'middleware', 'priority', 'is_active', 'is_critical', 'is_available'],
  search: ['llm_model', 'middleware'],
  order: ['priority', 'middleware'],
  changes: ['create', 'change', 'delete'],
  example: {
    llm_model: 'gpt-4o',
    middleware: 'ModelCallLimitMiddleware',
    config: { run_limit: 25 },
    priority: 5,
  },
  show: (row, world) => ({ is_available: world.middleware(nameOf(row.middleware))?.isBuilt ?? false }),
  check: async ({ values, rows, world }: RuleContext): Promise<FieldErrors> => {
    const type = await rows.find(middlewareTypes, { id: String(values.middleware) });
    const problems = [
      ...leakedKeys(values.config),
      ...problemsOf(values.config, world.middleware(String(type?.name))),
    ];
    return problems.length === 0 ? {} : { config: problems };
  },
  prepare: async ({ values, rows, world }: RuleContext) => {
    const type = await rows.find(middlewareTypes, { id: String(values.middleware) });
    const parsed = world.middleware(String(type?.name))?.config.safeParse(values.config);
    return { values: parsed?.success === true ? { config: parsed.data } : {} };
  },
  display: (row: Row) => `${nameOf(row.middleware)} on ${nameOf(row.llm_model)}`,
};

function problemsOf(config: unknown, kind: MiddlewareKind | undefined): readonly string[] {
  const parsed = kind?.config.safeParse(config);
  if (parsed === undefined || parsed.success) return [];
  return sentencesOf(parsed.error);
}
