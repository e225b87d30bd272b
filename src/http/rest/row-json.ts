import type { RouteRequest } from '../../chat/route.ts';
import type { Resource, Row } from '../../resources/definition.ts';
import { idOf, nameOf } from '../../resources/input.ts';
import { present } from '../../resources/present.ts';
import type { Changed } from '../../resources/write-row.ts';
import type { RestContext } from './call.ts';

/** Where resources live. */
export const apiPath = '/api/plugins/ai-ops';

/** What of a request decides how a row is shown. */
export interface Asked {
  readonly base: string;
  readonly request: Pick<RouteRequest, 'headers'>;
}

/** A row as the API shows it: with its address, its type, and its relations with theirs. */
export function rowJson(
  { resources }: Pick<RestContext, 'resources'>,
  call: Asked,
  { resource, row }: { readonly resource: Resource; readonly row: Row },
): Readonly<Record<string, unknown>> {
  const { id, display, tags, ...rest } = present(resource, row, resources.world);
  const url = addressOf(call.base, resource, row.id);
  const fields = Object.entries(rest).map(([name, value]) => {
    const { relation } = resource.fields[name] ?? {};
    const other = relation === undefined ? undefined : resources.named(relation.to);
    return [name, other === undefined ? value : related(other, value, call.base)];
  });
  return {
    id,
    object_type: typeOf(resource),
    display,
    url,
    ...Object.fromEntries(fields),
    ...(needsOwnAddress(call) ? { url } : {}),
    tags: Array.isArray(tags) ? tags.map((name) => ({ name, display: name })) : [],
  };
}

/** The same of a row that was just changed, with what is shown only now. */
export function changedJson(
  context: Pick<RestContext, 'resources'>,
  call: Asked,
  { resource, changed }: { readonly resource: Resource; readonly changed: Changed },
): Readonly<Record<string, unknown>> {
  return { ...rowJson(context, call, { resource, row: changed.row }), ...changed.reveal };
}

/**
 * pynautobot takes `url` of whatever it reads for the object's own address and fails on any other
 * (https://github.com/nautobot/pynautobot, core/response.py), while servers have a field of that name.
 */
function needsOwnAddress({ request }: Asked): boolean {
  return request.headers['user-agent']?.startsWith('python-pynautobot/') ?? false;
}

/** An input without the address that `rowJson` showed in the place of a field. */
export function withoutOwnAddress(resource: Resource, id: string, input: unknown): unknown {
  if (typeof input !== 'object' || input === null || !('url' in input)) return input;
  const { url, ...rest } = input;
  return typeof url === 'string' && url.endsWith(`${apiPath}/${resource.path}/${id}/`) ? rest : input;
}

/** The whole address of a row. */
export function addressOf(base: string, resource: Resource, id: string): string {
  return `${base}${apiPath}/${resource.path}/${id}/`;
}

/** How the API calls a resource's rows. */
export function typeOf({ suffix }: Resource): string {
  return `ai_ops.${suffix}`;
}

function related(other: Resource, value: unknown, base: string): unknown {
  const id = idOf(value);
  if (id === null) return null;
  const name = nameOf(value);
  return { id, name, display: name, object_type: typeOf(other), url: addressOf(base, other, id) };
}
