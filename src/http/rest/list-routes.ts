import { InvalidError } from '../../chat/errors.ts';
import type { FieldErrors } from '../../chat/form.ts';
import type { Route, RouteResponse } from '../../chat/route.ts';
import type { Resource } from '../../resources/definition.ts';
import type { Changed } from '../../resources/write-row.ts';
import { Refusal } from '../refusal.ts';
import { mostAtOnce, readJson } from './body.ts';
import { type Call, json, type RestContext, type RestRoute, restRoute } from './call.ts';
import { describeList } from './describe.ts';
import { rowQueryOf } from './filters.ts';
import { listing } from './query.ts';
import { addressOf, apiPath, changedJson, rowJson, withoutOwnAddress } from './row-json.ts';
import { alone, etagOf, isId } from './single.ts';

/** The path of all rows of a resource: list, create one or many, change and delete many. */
export function listRoutes(context: RestContext, resource: Resource): readonly Route[] {
  const path = `${apiPath}/${resource.path}/`;
  const { resources } = context;
  const shown = (call: Call, changed: readonly Changed[]) =>
    changed.map((one) => changedJson(context, call, { resource, changed: one }));

  async function list(call: Call): Promise<RouteResponse> {
    const query = rowQueryOf(resource, call.query);
    const { count, rows } = await resources.list(resource, query, call.by);
    const results = rows.map((row) => rowJson(context, call, { resource, row }));
    const address = `${call.base}${call.request.url.split('?')[0] ?? path}`;
    return json(200, listing({ count, results, page: query, address, query: call.query }));
  }

  async function create(call: Call): Promise<RouteResponse> {
    const input = readJson(call.request.body);
    if (Array.isArray(input)) {
      const made = await resources.create(resource, several(input), call.by);
      return json(201, shown(call, made));
    }
    const [changed] = await alone(resources.create(resource, [input], call.by));
    if (changed === undefined) throw new Error(`${resource.path}: nothing was created`);
    return json(201, changedJson(context, call, { resource, changed }), {
      etag: etagOf(changed.row),
      location: addressOf(call.base, resource, changed.row.id),
    });
  }

  const update = (isPartial: boolean) => async (call: Call) => {
    const items = identified(resource, readJson(call.request.body)).map((item) => ({ ...item, isPartial }));
    return json(200, shown(call, await resources.update(resource, items, call.by)));
  };

  async function remove(call: Call): Promise<RouteResponse> {
    const items = identified(resource, readJson(call.request.body));
    await resources.remove(
      resource,
      items.map(({ id }) => ({ id })),
      call.by,
    );
    return { status: 204 };
  }

  const may = (change: 'create' | 'change' | 'delete', ...routes: readonly RestRoute[]) =>
    resource.changes.includes(change) ? routes : [];
  const routes: readonly RestRoute[] = [
    { method: 'GET', path, handle: list },
    { method: 'OPTIONS', path, handle: async (call) => json(200, describeList(call, resource)) },
    ...may('create', { method: 'POST', path, handle: create }),
    ...may('change', { method: 'PUT', path, handle: update(false) }),
    ...may('change', { method: 'PATCH', path, handle: update(true) }),
    ...may('delete', { method: 'DELETE', path, handle: remove }),
  ];
  return routes.flatMap((route) => restRoute(context, route));
}

function several(input: unknown): readonly unknown[] {
  if (!Array.isArray(input)) throw new InvalidError({ non_field_errors: ['Send a list of objects.'] });
  if (input.length > mostAtOnce)
    throw new Refusal(
      { status: 400, code: 'too_many' },
      `At most ${mostAtOnce} at once; send them in parts.`,
    );
  return input;
}

/** Objects with their ids, or ids alone. Throws `InvalidError` with what is wrong at its place. */
function identified(
  resource: Resource,
  input: unknown,
): readonly { readonly id: string; readonly input: unknown }[] {
  const items = several(input).map((item) => {
    const id = typeof item === 'string' ? item : idOfItem(item);
    return { id: typeof id === 'string' && isId(id) ? id.toLowerCase() : undefined, given: id, input: item };
  });
  const errors = items.map(({ id, given }): FieldErrors => {
    if (id !== undefined) return {};
    return { id: [given === undefined ? 'This field is required.' : 'This is not an id.'] };
  });
  const known = items.flatMap(({ id, input: item }) =>
    id === undefined ? [] : [{ id, input: withoutOwnAddress(resource, id, item) }],
  );
  if (known.length < items.length) throw new InvalidError({}, errors);
  return known;
}

function idOfItem(item: unknown): unknown {
  return typeof item === 'object' && item !== null && 'id' in item ? item.id : undefined;
}
