import { NotFoundError } from '../../chat/errors.ts';
import type { Route, RouteResponse } from '../../chat/route.ts';
import type { AuditLog } from '../../observe/port.ts';
import { may } from '../../resources/permit.ts';
import { type Call, json, permitCall, type RestContext, type RestRoute, restRoute } from './call.ts';
import { formsJson, optionsJson } from './forms.ts';
import { listRoutes } from './list-routes.ts';
import { apiPath } from './row-json.ts';
import { rowRoutes } from './row-routes.ts';

export interface RootOptions {
  /** Of the bot. */
  readonly version: string;
  /** Forgets the tools of all MCP servers, and says of how many. */
  readonly clearToolCache: () => Promise<number>;
  readonly audit: AuditLog;
}

/** The version of Nautobot whose REST API this one follows. */
const nautobotVersion = '2.4.22';

/** What clients of Nautobot ask about the API itself, and what belongs to no resource. */
export function rootRoutes(context: RestContext, options: RootOptions): readonly Route[] {
  const { version, clearToolCache, audit } = options;
  const { resources } = context;

  const map = (paths: Readonly<Record<string, string>>) => async (call: Call) =>
    json(200, Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, `${call.base}${path}`])));

  async function index(call: Call): Promise<RouteResponse> {
    const visible = resources.all.filter((resource) => may(resource, 'view', call.by));
    return map(Object.fromEntries(visible.map(({ path }) => [path, `${apiPath}/${path}/`])))(call);
  }

  async function status(): Promise<RouteResponse> {
    const apps = { ai_ops: version };
    return json(200, { 'nautobot-version': nautobotVersion, 'nautobot-apps': apps, plugins: apps });
  }

  async function installed(): Promise<RouteResponse> {
    const description = 'Answers in chats with models and tools, and asks before it changes anything.';
    return json(200, [{ name: 'AI Ops', package: 'ai_ops', description, version }]);
  }

  async function clearCache(call: Call): Promise<RouteResponse> {
    permitCall(context, call, 'ai_ops.change_mcpserver');
    const cleared = await clearToolCache();
    const { author, source, address = '' } = call.by;
    const detail = { cleared };
    await audit.append([
      {
        actor: author.principal,
        action: 'mcp-servers.clear-cache',
        target: 'mcp-servers',
        detail,
        source,
        address,
      },
    ]);
    return json(200, { success: true, cleared_count: cleared });
  }

  async function optionsOf({ request, by }: Call): Promise<RouteResponse> {
    const path = request.params.id ?? '';
    const resource = resources.all.find((one) => one.path === path && may(one, 'view', by));
    if (resource === undefined)
      throw new NotFoundError(`There is nothing to manage called “${path.slice(0, 60)}”.`);
    return json(200, await optionsJson(resources, resource, by));
  }

  const routes: readonly RestRoute[] = [
    {
      method: 'GET',
      path: '/api/',
      handle: map({
        docs: '/api/docs/',
        extras: '/api/extras/',
        plugins: '/api/plugins/',
        schema: '/api/schema/',
        status: '/api/status/',
      }),
    },
    { method: 'GET', path: '/api/status/', handle: status },
    { method: 'GET', path: '/api/extras/', handle: map({ statuses: '/api/extras/statuses/' }) },
    {
      method: 'GET',
      path: '/api/plugins/',
      handle: map({ 'installed-plugins': '/api/plugins/installed-plugins/', 'ai-ops': `${apiPath}/` }),
    },
    { method: 'GET', path: '/api/plugins/installed-plugins/', handle: installed },
    { method: 'GET', path: `${apiPath}/`, handle: index },
    {
      method: 'GET',
      path: `${apiPath}/forms/`,
      handle: async ({ by }) => json(200, formsJson(resources, by)),
    },
    { method: 'GET', path: `${apiPath}/forms/:id/`, handle: optionsOf },
    { method: 'POST', path: '/plugins/ai-ops/mcp/clear-cache/', handle: clearCache },
  ];
  return [...routes.flatMap((route) => restRoute(context, route)), ...statusRoutes(context)];
}

/** Nautobot keeps statuses at a path of its own. */
function statusRoutes(context: RestContext): readonly Route[] {
  const statuses = context.resources.named('statuses');
  if (statuses === undefined) return [];
  const own = [...listRoutes(context, statuses), ...rowRoutes(context, statuses)];
  return own.map((route) => ({ ...route, path: route.path.replace(apiPath, '/api/extras') }));
}
