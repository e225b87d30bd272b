import type { ActionContext, Resource, Row } from './definition.ts';
import { nameOf } from './input.ts';
import { llmMiddleware, problemOf } from './llm-middleware.ts';
import { doneSchema, layersSchema } from './outputs.ts';
import type { Rows } from './rows.ts';

/** Models with what can be done about their layers of middleware. */
export function withLayers(models: Resource): Resource {
  return {
    ...models,
    actions: {
      ...models.actions,
      layers: {
        label: 'Layers',
        help: 'The layers of middleware that lie around it, outermost first; those that it has by default too.',
        method: 'GET',
        needs: 'view',
        output: layersSchema,
        example: {
          layers: [
            {
              ...{ priority: 10, middleware: 'LoggingMiddleware', origin: 'default', is_active: true },
              ...{ config: {}, problem: '' },
            },
          ],
        },
        run: async (context) => ({ layers: await layersOf(context) }),
      },
      'own-layers': {
        label: 'Make default layers its own',
        help: 'Stores the layers that it has by default as its own, so that each can be changed or deleted; nothing else changes.',
        method: 'POST',
        needs: 'change',
        isRare: true,
        shownWhen: { field: 'default_layers', in: ['true'] },
        output: doneSchema,
        example: { success: true, message: '6 layers of gpt-4o are its own now.' },
        run: makeOwn,
      },
    },
  };
}

/** How a layer is shown; those that take no effect too. */
async function layersOf({ row, rows, world }: Pick<ActionContext, 'row' | 'rows' | 'world'>) {
  const own = await ownLayers(row, rows);
  const defaults = row.default_layers === false ? [] : world.defaultLayers(own.map(({ type }) => type));
  const all = [
    ...own.map(({ row: layer, type, priority }) => ({
      priority,
      middleware: type,
      origin: 'own',
      is_active: layer.is_active === true,
      config: layer.config,
      problem: layer.is_active === true ? problemOf(layer, world) : '',
    })),
    ...defaults.map(({ type, priority, config }) => ({
      priority,
      middleware: type,
      origin: 'default',
      is_active: true,
      config,
      problem: world.middleware(type)?.failure?.(String(row.name), config) ?? '',
    })),
  ];
  return all.sort((a, b) => a.priority - b.priority || (a.middleware < b.middleware ? -1 : 1));
}

/** The layers come first: until the model has none by default, each stands in the place of one. */
async function makeOwn({ row, rows, world, create, change }: ActionContext): Promise<unknown> {
  const name = String(row.name);
  if (row.default_layers === false)
    return { success: true, message: `${name} has no layers but its own already.` };
  const types = (await ownLayers(row, rows)).map(({ type }) => type);
  const defaults = world.defaultLayers(types);
  await create(
    llmMiddleware,
    defaults.map(({ type, priority, config: said }) => {
      // With all its options: what a new layer of its type begins with is something else.
      const config = world.middleware(type)?.config.safeParse(said).data ?? said;
      return { llm_model: row.id, middleware: type, priority, config };
    }),
  );
  await change([{ id: row.id, values: { default_layers: false } }]);
  const count = `${defaults.length} default layer${defaults.length === 1 ? ' is' : 's are'}`;
  return {
    success: true,
    message: `${count} ${name}’s own now: each can be changed, switched off or deleted.`,
  };
}

interface OwnLayer {
  readonly row: Row;
  readonly type: string;
  readonly priority: number;
}

async function ownLayers({ id }: Row, rows: Rows): Promise<readonly OwnLayer[]> {
  const page = await rows.list(llmMiddleware, {
    filters: [{ field: 'llm_model', comparison: 'is_id', values: [id] }],
    order: [],
    limit: 200,
    offset: 0,
  });
  return page.rows.map((row) => ({ row, type: nameOf(row.middleware), priority: Number(row.priority) }));
}
