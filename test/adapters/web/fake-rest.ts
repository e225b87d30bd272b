import { ForbiddenError } from '../../../src/chat/errors.ts';
import type { FieldErrors } from '../../../src/chat/form.ts';
import type { Gate, Identity } from '../../../src/chat/identity.ts';
import type { Route, RouteRequest, RouteResponse } from '../../../src/chat/route.ts';
import { json, refuse } from './fake-answers.ts';
import { createFakeAudit } from './fake-audit.ts';
import { select } from './fake-query.ts';
import { type FakeResource, type FakeRow, fakeResources } from './fake-resources.ts';
import { mayOf, pointsTo, type Verb } from './fake-rules.ts';

export interface FakeRest {
  readonly routes: readonly Route[];
  /** Stores a row as somebody else would; its fields are not checked. */
  add(path: string, values: Readonly<Record<string, unknown>>): FakeRow;
  change(path: string, id: string, values: Readonly<Record<string, unknown>>): void;
  rows(path: string): readonly FakeRow[];
  find(path: string, name: string): FakeRow | undefined;
  readonly audit: ReturnType<typeof createFakeAudit>;
  /** Bodies of the PATCHes that came. */
  readonly patches: readonly unknown[];
}

const BASE = '/api/plugins/ai-ops';

interface Call {
  readonly request: RouteRequest;
  readonly identity: Identity;
  readonly resource: FakeResource;
  readonly row: FakeRow;
}

/** The REST API of resources in memory: the same paths, shapes, errors and revisions, before the gate of a test. */
export function createFakeRest(gate: Gate): FakeRest {
  const stored = new Map<string, FakeRow[]>(fakeResources.map(({ path }) => [path, []]));
  const patches: unknown[] = [];
  const audit = createFakeAudit();
  let count = 0;

  const rowsOf = (path: string) => stored.get(path) ?? [];

  function add(path: string, values: Readonly<Record<string, unknown>>): FakeRow {
    const resource = resourceAt(path);
    const id = `${path}-${++count}`;
    const initial = Object.fromEntries(resource.fields.map(({ name, value }) => [name, value ?? null]));
    const row: FakeRow = { created: now(), last_updated: now(), ...initial, revision: 1, id };
    rowsOf(path).push(row);
    Object.assign(row, values, related(resource, { ...initial, ...values }));
    return row;
  }

  /** Relations are written by id or name. */
  function related(resource: FakeResource, values: Readonly<Record<string, unknown>>) {
    const entries = resource.fields.map(({ name, widget }) => {
      const value = values[name];
      if (widget.type !== 'reference' || typeof value !== 'string') return [name, value];
      const other = rowsOf(widget.resource).find((row) => row.id === value || row.name === value);
      return [name, other ? { id: other.id, name: other.name, display: other.name } : null];
    });
    return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
  }

  function shown(row: FakeRow): Record<string, unknown> {
    const { revision: _revision, ...values } = row;
    const tags = Array.isArray(row.tags) ? row.tags.map((name) => ({ name })) : [];
    return { is_available: true, ...values, display: row.name, tags };
  }

  function forms(identity: Identity): RouteResponse {
    const resources = fakeResources.map((resource) => {
      const may = mayOf(resource, identity);
      const { path, word, one, many, help, columns, fields } = resource;
      return {
        ...{ path, word, one, many, help, columns, may },
        name_field: resource.nameField,
        form: { title: `New ${one}`, submit: 'Create', fields },
        filters: [...fields.map(({ name }) => name), 'last_checked'],
        search: resource.search.length > 0,
        actions: Object.entries(resource.actions).map(([name, action]) => ({
          ...{ name, label: action.label, help: action.help, method: action.method },
          may: may[action.needs],
          takes_input: action.takesInput === true,
        })),
      };
    });
    return json(200, { resources });
  }

  function list({ request: { query }, resource }: Omit<Call, 'row'>): RouteResponse {
    const { limit = '50', offset = '0' } = query;
    const found = select(resource, rowsOf(resource.path), query);
    const from = Number(offset);
    const results = found.slice(from, from + Number(limit)).map(shown);
    return json(200, { count: found.length, next: null, previous: null, results });
  }

  function create({ request, resource, identity }: Omit<Call, 'row'>): RouteResponse {
    const values = JSON.parse(request.body.toString()) as Record<string, unknown>;
    const errors = errorsOf(resource, { id: '', ...defaultsOf(resource), ...values });
    if (Object.keys(errors).length > 0) return json(400, errors);
    const row = add(resource.path, values);
    audit.record(identity, `${resource.path}.create`, row, { before: {}, after: values });
    return json(201, { ...shown(row), ...resource.reveal?.() }, etagOf(row));
  }

  function update({ request, resource, row, identity }: Call): RouteResponse {
    const values = JSON.parse(request.body.toString()) as Record<string, unknown>;
    patches.push(values);
    const errors = errorsOf(resource, { ...row, ...values });
    if (Object.keys(errors).length > 0) return json(400, errors);
    const before = Object.fromEntries(Object.keys(values).map((name) => [name, row[name]]));
    write(resource, row, values);
    audit.record(identity, `${resource.path}.change`, row, { before, after: values });
    return json(200, shown(row), etagOf(row));
  }

  function write(resource: FakeResource, row: FakeRow, values: Readonly<Record<string, unknown>>): void {
    Object.assign(row, related(resource, values), {
      revision: Number(row.revision) + 1,
      last_updated: now(),
    });
  }

  function errorsOf(resource: FakeResource, row: FakeRow): FieldErrors {
    const missing = resource.fields.filter(({ name, isRequired }) => isRequired && !row[name]);
    const twin = rowsOf(resource.path).some((one) => one.id !== row.id && one.name === row.name);
    return {
      ...Object.fromEntries(missing.map(({ name }) => [name, ['This field is required.']])),
      ...(twin ? { name: [`There is a ${resource.one} with this name already.`] } : {}),
      ...resource.check?.(row),
    };
  }

  function remove({ resource, row, identity }: Call): RouteResponse {
    const dependents = dependentsOf(resource, row);
    if (dependents.some(({ on_delete }) => on_delete === 'protect')) {
      return refuse(409, `This ${resource.one} is in use. Change or delete its users first.`);
    }
    for (const other of fakeResources) {
      for (const [name, fate] of Object.entries(other.onDelete)) {
        const pointing = rowsOf(other.path).filter((one) =>
          pointsTo(one[name], resource, row, { other, name }),
        );
        for (const one of pointing) {
          if (fate === 'clear') one[name] = null;
          else rowsOf(other.path).splice(rowsOf(other.path).indexOf(one), 1);
        }
      }
    }
    rowsOf(resource.path).splice(rowsOf(resource.path).indexOf(row), 1);
    audit.record(identity, `${resource.path}.delete`, row, { before: { name: row.name }, after: {} });
    return { status: 204 };
  }

  function dependentsOf(resource: FakeResource, row: FakeRow) {
    return fakeResources.flatMap((other) =>
      Object.entries(other.onDelete).flatMap(([field, on_delete]) => {
        const users = rowsOf(other.path).filter((one) =>
          pointsTo(one[field], resource, row, { other, name: field }),
        );
        if (users.length === 0) return [];
        const names = users.slice(0, 5).map(({ name }) => String(name));
        return [{ one: other.one, many: other.many, field, on_delete, count: users.length, names }];
      }),
    );
  }

  function act({ request, resource, row }: Call): RouteResponse {
    const action = resource.actions[request.params.action ?? ''];
    if (!action || action.method !== request.method) return refuse(404, 'There is no such action.');
    const { body } = request;
    return json(200, action.run(row, body.length === 0 ? {} : JSON.parse(body.toString())));
  }

  function guarded(handle: (request: RouteRequest, identity: Identity) => RouteResponse): Route['handle'] {
    return async (request) => {
      try {
        const identity = await gate.identify(request);
        return identity ? handle(request, identity) : refuse(401, 'Sign in.');
      } catch (error) {
        if (error instanceof ForbiddenError) return refuse(403, error.message);
        throw error;
      }
    };
  }

  function ofResource(verb: Verb, handle: (call: Omit<Call, 'row'>) => RouteResponse): Route['handle'] {
    return guarded((request, identity) => {
      const resource = fakeResources.find(({ path }) => path === request.params.path);
      if (!resource) return refuse(404, 'There is nothing at this path.');
      if (!mayOf(resource, identity)[verb]) return refuse(403, `You may not ${verb} ${resource.many}.`);
      return handle({ request, identity, resource });
    });
  }

  function ofRow(verb: Verb, handle: (call: Call) => RouteResponse): Route['handle'] {
    return ofResource(verb, (call) => {
      const { resource, request } = call;
      const row = rowsOf(resource.path).find(({ id }) => id === request.params.id);
      if (!row) return refuse(404, `There is no ${resource.one} with this id.`);
      const wanted = request.headers['if-match'];
      if (wanted !== undefined && wanted !== etagOf(row).etag) {
        return refuse(412, 'Somebody changed it since you read it.');
      }
      return handle({ ...call, row });
    });
  }

  const one = `${BASE}/:path/:id/`;
  return {
    add,
    patches,
    audit,
    rows: rowsOf,
    find: (path, name) => rowsOf(path).find((row) => row.name === name),
    change: (path, id, values) => {
      const row = rowsOf(path).find((each) => each.id === id);
      if (row) write(resourceAt(path), row, values);
    },
    routes: [
      { method: 'GET', path: `${BASE}/forms/`, handle: guarded((_request, identity) => forms(identity)) },
      ...audit.routes(guarded),
      { method: 'GET', path: `${BASE}/:path/`, handle: ofResource('view', list) },
      { method: 'POST', path: `${BASE}/:path/`, handle: ofResource('add', create) },
      { method: 'GET', path: one, handle: ofRow('view', ({ row }) => json(200, shown(row), etagOf(row))) },
      { method: 'PATCH', path: one, handle: ofRow('change', update) },
      { method: 'DELETE', path: one, handle: ofRow('delete', remove) },
      {
        method: 'GET',
        path: `${one}dependents/`,
        handle: ofRow('view', ({ resource, row }) => json(200, dependentsOf(resource, row))),
      },
      { method: 'GET', path: `${one}:action/`, handle: ofRow('view', act) },
      { method: 'POST', path: `${one}:action/`, handle: ofRow('change', act) },
    ],
  };
}

function resourceAt(path: string): FakeResource {
  const resource = fakeResources.find((one) => one.path === path);
  if (!resource) throw new Error(`no resource ${path}`);
  return resource;
}

function defaultsOf({ fields }: FakeResource): Record<string, unknown> {
  return Object.fromEntries(fields.map(({ name, value }) => [name, value ?? null]));
}

const now = () => new Date().toISOString();

function etagOf({ revision }: FakeRow): { readonly etag: string } {
  return { etag: `"${String(revision)}"` };
}
