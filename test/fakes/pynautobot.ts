/**
 * A client that calls as pynautobot 2 does: the same requests in the same order with the same headers,
 * and the same expectations of answers (https://github.com/nautobot/pynautobot: core/api.py,
 * core/query.py, core/endpoint.py, core/response.py).
 */

export interface PynautobotOptions {
  readonly url: string;
  readonly token: string;
  /** Sent as `Accept: application/json; version=…`. */
  readonly apiVersion?: string;
  /** Fetches pages beside each other. */
  readonly threading?: boolean;
}

type Values = Readonly<Record<string, unknown>>;
type Query = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** What an answer's object becomes. */
export interface Rec {
  readonly values: Values;
  /** Of the endpoint that its own address names. */
  readonly endpoint: string;
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  /** PATCHes what differs. False: nothing did. */
  save(): Promise<boolean>;
  delete(): Promise<boolean>;
  fullDetails(): Promise<void>;
}

export interface Endpoint {
  all(): Promise<readonly Rec[]>;
  filter(
    query: Query,
    paging?: { readonly limit?: number; readonly offset?: number },
  ): Promise<readonly Rec[]>;
  get(keyOrQuery: string | Query): Promise<Rec | undefined>;
  create(values: Values): Promise<Rec>;
  createMany(values: readonly Values[]): Promise<readonly Rec[]>;
  update(id: string, values: Values): Promise<boolean>;
  updateMany(objects: readonly (Values | Rec)[]): Promise<readonly Rec[]>;
  deleteMany(objects: readonly (string | Rec)[]): Promise<boolean>;
  choices(): Promise<Readonly<Record<string, unknown>>>;
  count(query?: Query): Promise<number>;
}

export interface Pynautobot {
  readonly version: string;
  status(): Promise<Values>;
  openapi(): Promise<Values>;
  installedPlugins(): Promise<unknown>;
  /** `llm_models` is `plugins.ai_ops.llm_models`. */
  plugin(name: string): Endpoint;
  extras(name: string): Endpoint;
}

/** The server refused. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly status: number;
  constructor(status: number, body: string) {
    super(`The request failed with code ${status}: ${body}`);
    this.status = status;
  }
}

interface Wire {
  call(
    verb: string,
    url: string,
    options?: { readonly query?: Query; readonly data?: unknown },
  ): Promise<unknown>;
  readonly base: string;
  readonly threading: boolean;
}

/** Connects, which asks for the version of the API first and refuses one below 2. */
export async function pynautobot(options: PynautobotOptions): Promise<Pynautobot> {
  const base = `${options.url.replace(/\/$/, '')}/api`;
  const headers = headersOf(options);
  const first = await fetch(`${base}/`, { headers: { ...headers(), 'content-type': 'application/json;' } });
  if (!first.ok) throw new RequestError(first.status, await first.text());
  const version = first.headers.get('api-version') ?? '';
  if (/^[\d.]+$/.test(version) && Number.parseFloat(version) < 2)
    throw new Error('Nautobot version 1 detected, please downgrade pynautobot to version 1.x');
  const wire: Wire = { base, threading: options.threading ?? false, call: caller(headers) };
  const object = async (path: string) => (await wire.call('get', `${base}/${path}`)) as Values;
  return {
    version,
    status: () => object('status/'),
    openapi: () => object('docs/?format=openapi'),
    installedPlugins: () => object('plugins/installed-plugins/'),
    plugin: (name) => endpointOf(wire, 'plugins/ai-ops', name),
    extras: (name) => endpointOf(wire, 'extras', name),
  };
}

function headersOf({ token, apiVersion }: PynautobotOptions) {
  return (): Record<string, string> => ({
    'user-agent': 'python-pynautobot/2.6.1',
    authorization: `Token ${token}`,
    ...(apiVersion === undefined ? {} : { accept: `application/json; version=${apiVersion}` }),
  });
}

function caller(headers: () => Record<string, string>): Wire['call'] {
  return async (verb, url, { query = {}, data } = {}) => {
    const whole = new URL(url);
    for (const [name, value] of Object.entries(query))
      for (const one of Array.isArray(value) ? value : [value])
        whole.searchParams.append(name, pythonText(one));
    const isJson = verb === 'post' || verb === 'put' || (verb === 'delete' && data !== undefined);
    const own = isJson ? { 'content-type': 'application/json;' } : { accept: 'application/json;' };
    const response = await fetch(whole, {
      method: verb.toUpperCase(),
      headers: { ...own, ...headers() },
      ...(data === undefined ? {} : { body: JSON.stringify(data) }),
    });
    const text = await response.text();
    if (!response.ok) throw new RequestError(response.status, text);
    if (verb === 'delete') return true;
    return JSON.parse(text);
  };
}

/** As `requests` writes it into a query. */
function pythonText(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return String(value);
}

function endpointOf(wire: Wire, app: string, attribute: string): Endpoint {
  const name = attribute.replaceAll('_', '-');
  const url = `${wire.base}/${app}/${name}/`;
  const record = (values: unknown) => recordOf(wire, { app, name }, values as Values);
  const records = (list: unknown) => (list as readonly Values[]).map(record);
  const filter: Endpoint['filter'] = async (query, paging = {}) =>
    records(await (wire.threading ? threaded : sequential)(wire, url, { query, ...paging }));
  return {
    all: () => filter({}),
    filter,
    async get(key) {
      if (typeof key === 'string') {
        const values = await wire.call('get', `${url}${key}/`).catch((error: unknown) => {
          if (error instanceof RequestError && error.status === 404) return undefined;
          throw error;
        });
        return values === undefined ? undefined : record(values);
      }
      const found = await filter(key);
      if (found.length > 1) throw new Error('get() returned more than one result.');
      return found[0];
    },
    create: async (values) => record(await wire.call('post', url, { data: values })),
    createMany: async (values) => records(await wire.call('post', url, { data: values })),
    update: async (id, values) => Boolean(await wire.call('patch', `${url}${id}/`, { data: values })),
    async updateMany(objects) {
      const data = objects.map((object) => ('endpoint' in object ? changesOf(object as Rec) : object));
      return records(await wire.call('patch', url, { data }));
    },
    async deleteMany(objects) {
      const data = objects.map((object) => ({ id: typeof object === 'string' ? object : object.get('id') }));
      return Boolean(await wire.call('delete', url, { data }));
    },
    async choices() {
      const answer = (await wire.call('options', url)) as { readonly actions?: { readonly POST?: Values } };
      if (answer.actions?.POST === undefined)
        throw new Error(`Unexpected format in the OPTIONS response at ${url}`);
      const fields = Object.entries(answer.actions.POST) as [string, { readonly choices?: unknown }][];
      return Object.fromEntries(
        fields.flatMap(([field, { choices }]) => (choices ? [[field, choices]] : [])),
      );
    },
    async count(query = {}) {
      const page = (await wire.call('get', url, { query: { ...query, limit: 1 } })) as {
        readonly count: number;
      };
      return page.count;
    },
  };
}

interface PageJson {
  readonly count: number;
  readonly next: string | null;
  readonly results: readonly unknown[];
}

interface Listing {
  readonly query: Query;
  readonly limit?: number;
  readonly offset?: number;
}

/** After the first page of a list without a limit, the rest is asked for in one piece. */
async function sequential(
  wire: Wire,
  url: string,
  { query, limit, offset }: Listing,
): Promise<readonly unknown[]> {
  const paging = limit === undefined ? undefined : { limit, ...(offset === undefined ? {} : { offset }) };
  let page = (await wire.call('get', url, { query: { ...query, ...paging } })) as PageJson;
  const results = [...page.results];
  while (page.next !== null && offset === undefined) {
    page = (await (paging === undefined
      ? wire.call('get', url, { query: { ...query, limit: page.count, offset: page.results.length } })
      : wire.call('get', page.next))) as PageJson;
    results.push(...page.results);
  }
  return results;
}

/** Asks for the largest page, then for the others of its size at once. */
async function threaded(wire: Wire, url: string, { query, limit = 0 }: Listing): Promise<readonly unknown[]> {
  const first = (await wire.call('get', url, { query: { ...query, limit } })) as PageJson;
  const size = first.results.length;
  if (first.next === null) return first.results;
  const pages = Math.floor(first.count / size) + (size % first.count > 0 ? 1 : 0);
  const offsets = Array.from({ length: pages - 1 }, (_, n) => (n + 1) * size);
  const others = await Promise.all(
    offsets.map((offset) => wire.call('get', url, { query: { ...query, offset, limit: size } })),
  );
  return [...first.results, ...others.flatMap((page) => (page as PageJson).results)];
}

interface Place {
  readonly app: string;
  readonly name: string;
}

function recordOf(wire: Wire, place: Place, values: Values): Rec {
  const own = 'url' in values ? placeOf(String(values.url)) : place;
  let initial = cached(wire, own, values);
  let current: Record<string, unknown> = { ...initial };
  const url = `${wire.base}/${own.app}/${own.name}/`;
  const record: Rec = {
    values,
    endpoint: `${own.app}/${own.name}`,
    get: (name) => current[name],
    set(name, value) {
      current[name] = value;
    },
    async save() {
      const changes = differences(initial, current);
      if (Object.keys(changes).length === 0) return false;
      return Boolean(await wire.call('patch', `${url}${String(current.id)}/`, { data: changes }));
    },
    delete: async () => Boolean(await wire.call('delete', `${url}${String(current.id)}/`)),
    async fullDetails() {
      initial = cached(wire, own, (await wire.call('get', String(values.url))) as Values);
      current = { ...initial };
    },
  };
  changed.set(record, () => ({ ...differences(initial, current), id: current.id }));
  return record;
}

const changed = new WeakMap<Rec, () => Values>();

function changesOf(record: Rec): Values {
  return changed.get(record)?.() ?? {};
}

/** The app and the endpoint that an object's address names; fails on addresses of anything else. */
function placeOf(url: string): Place {
  const parts = new URL(url).pathname.split('/');
  if (parts[2] === undefined) throw new RangeError('list index out of range');
  if (parts[2] === 'plugins') return { app: parts.slice(2, 4).join('/'), name: parts.slice(4, -2).join('/') };
  const [app, name] = parts.slice(2, 4);
  if (app === undefined || name === undefined) throw new RangeError('not enough values to unpack');
  return { app, name };
}

/** Nested objects become records of their own, which are written by their ids. */
function cached(wire: Wire, place: Place, values: Values): Values {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return [name, value];
      const nested = recordOf(wire, place, value as Values);
      return [name, nested.get('id') ?? nested.get('display') ?? nested.get('name') ?? ''];
    }),
  );
}

function differences(initial: Values, current: Values): Values {
  const names = Object.keys(initial).filter(
    (name) => JSON.stringify(initial[name]) !== JSON.stringify(current[name]),
  );
  return Object.fromEntries(names.map((name) => [name, current[name]]));
}
