import { NotFoundError } from '../../chat/errors.ts';
import type { Route, RouteResponse } from '../../chat/route.ts';
import type { Resource } from '../../resources/definition.ts';
import { formOf } from '../../resources/form.ts';
import { may } from '../../resources/permit.ts';
import { Refusal } from '../refusal.ts';
import { readJson, readOptionalJson } from './body.ts';
import { type Call, json, type RestContext, type RestRoute, restRoute } from './call.ts';
import { apiPath, changedJson, rowJson, withoutOwnAddress } from './row-json.ts';
import { alone, etagOf, idIn, revisionIn } from './single.ts';

/** The path of one row: read, change, delete, and what it can be asked to do. */
export function rowRoutes(context: RestContext, resource: Resource): readonly Route[] {
  const path = `${apiPath}/${resource.path}/:id/`;
  const { resources } = context;

  async function read(call: Call): Promise<RouteResponse> {
    const row = await resources.read(resource, idIn(resource, call.request.params), call.by);
    return json(200, rowJson(context, call, { resource, row }), { etag: etagOf(row) });
  }

  const update = (isPartial: boolean) => async (call: Call) => {
    const { params, headers, body } = call.request;
    const id = idIn(resource, params);
    const input = withoutOwnAddress(resource, id, readJson(body));
    const item = { id, input, isPartial, ...revisionIn(headers['if-match']) };
    const [changed] = await alone(resources.update(resource, [item], call.by));
    if (changed === undefined) throw new Error(`${resource.path}: nothing was changed`);
    return json(200, changedJson(context, call, { resource, changed }), { etag: etagOf(changed.row) });
  };

  async function remove(call: Call): Promise<RouteResponse> {
    const removal = {
      id: idIn(resource, call.request.params),
      ...revisionIn(call.request.headers['if-match']),
    };
    await resources.remove(resource, [removal], call.by);
    return { status: 204 };
  }

  /** Names of what the caller may not see are left out. */
  async function dependents(call: Call): Promise<RouteResponse> {
    const found = await resources.dependents(resource, idIn(resource, call.request.params), call.by);
    const shown = found.map(({ resource: other, field, onDelete, count, names }) => ({
      resource: other.path,
      one: other.one,
      many: other.many,
      field,
      on_delete: onDelete,
      count,
      names: may(other, 'view', call.by) ? names : [],
    }));
    return json(200, shown);
  }

  async function successor(call: Call): Promise<RouteResponse> {
    const found = await resources.successor(resource, idIn(resource, call.request.params), call.by);
    return json(200, { successor: found ?? null });
  }

  async function form(call: Call): Promise<RouteResponse> {
    const row = await resources.read(resource, idIn(resource, call.request.params), call.by);
    return json(200, formOf(resource, resources.world, row));
  }

  const act = (method: 'GET' | 'POST') => async (call: Call) => {
    const { params, body } = call.request;
    const action = params.action ?? '';
    refuseOtherMethod(resource, action, method);
    const id = idIn(resource, params);
    const input = method === 'GET' ? {} : readOptionalJson(body);
    return json(200, await alone(resources.act({ resource, id, action, input, by: call.by })));
  };

  const can = (change: 'change' | 'delete', ...routes: readonly RestRoute[]) =>
    resource.changes.includes(change) ? routes : [];
  const routes: readonly RestRoute[] = [
    { method: 'GET', path, handle: read },
    ...can('change', { method: 'PUT', path, handle: update(false) }),
    ...can('change', { method: 'PATCH', path, handle: update(true) }),
    ...can('delete', { method: 'DELETE', path, handle: remove }),
    { method: 'GET', path: `${path}dependents/`, handle: dependents },
    ...when(resource.successor, { method: 'GET', path: `${path}successor/`, handle: successor }),
    ...when(resource.asked, { method: 'GET', path: `${path}form/`, handle: form }),
    { method: 'GET', path: `${path}:action/`, handle: act('GET') },
    { method: 'POST', path: `${path}:action/`, handle: act('POST') },
  ];
  return routes.flatMap((route) => restRoute(context, route));
}

/** Only where the resource has such a thing. */
function when(has: unknown, route: RestRoute): readonly RestRoute[] {
  return has === undefined ? [] : [route];
}

function refuseOtherMethod(resource: Resource, name: string, method: 'GET' | 'POST'): void {
  const action = Object.hasOwn(resource.actions ?? {}, name) ? resource.actions?.[name] : undefined;
  if (action === undefined)
    throw new NotFoundError(`${resource.many} have no action “${name.slice(0, 64)}”.`);
  if (action.method === method) return;
  throw new Refusal({ status: 405, code: 'method_not_allowed' }, `${method} is not possible here.`, {
    allow: action.method,
  });
}
