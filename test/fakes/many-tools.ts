import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';

/** MCP servers of the kinds that operations teams connect, with as many tools and as much to say of each. */

const products: Readonly<Record<string, readonly string[]>> = {
  github: ['issue', 'pull_request', 'workflow_run', 'release', 'branch'],
  kubernetes: ['deployment', 'pod', 'service', 'node', 'config_map'],
  pagerduty: ['incident', 'schedule', 'escalation_policy', 'maintenance_window', 'responder'],
  grafana: ['dashboard', 'alert_rule', 'silence', 'annotation', 'data_source'],
};

const actions = [
  ['list', 'Lists', true],
  ['get', 'Gets one', true],
  ['search', 'Searches for', true],
  ['create', 'Creates a new', false],
  ['update', 'Updates an existing', false],
  ['delete', 'Deletes an existing', false],
  ['describe', 'Describes in detail one', true],
  ['export', 'Exports as JSON every', true],
  ['watch', 'Follows changes of', true],
  ['tag', 'Adds a tag to an existing', false],
] as const;

export const manyServers: readonly string[] = Object.keys(products);

/** The 50 tools of one of `manyServers` as it lists them. */
export function manyToolsOf(server: string) {
  return (products[server] ?? []).flatMap((thing) =>
    actions.map(([verb, sentence, readOnlyHint]) => ({
      name: `${verb}_${thing}s`,
      description: `${sentence} ${thing.replaceAll('_', ' ')} in ${server}. The caller must have access to the project that it belongs to; what is not visible to the caller is left out of the answer. Results come in pages, newest first.`,
      inputSchema: schemaOf(thing),
      annotations: { readOnlyHint, destructiveHint: verb === 'delete' },
    })),
  );
}

function schemaOf(thing: string) {
  const words = thing.replaceAll('_', ' ');
  return {
    type: 'object' as const,
    properties: {
      project: { type: 'string', description: `The project or namespace that the ${words} belongs to.` },
      [`${thing}_id`]: { type: 'string', description: `The ${words} itself, by its id or unique name.` },
      state: { type: 'string', enum: ['open', 'closed', 'all'], description: 'Only those in this state.' },
      labels: {
        type: 'array',
        items: { type: 'string' },
        description: 'Only those with all of these labels.',
      },
      page: { type: 'integer', minimum: 1, description: 'Which page of the results, counted from 1.' },
      per_page: { type: 'integer', minimum: 1, maximum: 100, description: 'How many results a page has.' },
    },
    required: ['project'],
  };
}

/** Defines a server's tools; `answer` says what a call gives, by the tool's own name. */
export function defineMany(
  server: string,
  answer: (tool: string, args: Readonly<Record<string, unknown>>) => string,
): (server: McpServer) => void {
  return ({ server: low }) => {
    low.registerCapabilities({ tools: {} });
    low.setRequestHandler(ListToolsRequestSchema, () => ({ tools: manyToolsOf(server) }));
    low.setRequestHandler(CallToolRequestSchema, ({ params }) => ({
      content: [{ type: 'text', text: answer(params.name, params.arguments ?? {}) }],
    }));
  };
}
