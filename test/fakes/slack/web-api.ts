import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Faults } from './faults.ts';
import { agents } from './methods/agents.ts';
import { chat, type Method } from './methods/chat.ts';
import { conversations } from './methods/conversations.ts';
import { views } from './methods/views.ts';
import { isRecord, type Json, SlackRefusal, text, type Workspace } from './state.ts';

/** A call as the server saw it. */
export interface RecordedCall {
  readonly method: string;
  readonly args: Json;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** `ok`, or Slack's word for what was wrong. */
  readonly outcome: string;
}

const methods: Readonly<Record<string, Method>> = { ...chat, ...agents, ...conversations, ...views };

/** What each method needs besides a token, and how often it may be called a minute. */
const rules: Readonly<
  Record<string, { readonly scope?: string; readonly perMinute: number; readonly perChannel?: boolean }>
> = {
  'chat.postMessage': { scope: 'chat:write', perMinute: 60, perChannel: true },
  'chat.postEphemeral': { scope: 'chat:write', perMinute: 100 },
  'chat.update': { scope: 'chat:write', perMinute: 50 },
  'chat.getPermalink': { perMinute: 100 },
  'chat.delete': { scope: 'chat:write', perMinute: 50 },
  'chat.startStream': { scope: 'chat:write', perMinute: 20 },
  'chat.appendStream': { scope: 'chat:write', perMinute: 100 },
  'chat.stopStream': { scope: 'chat:write', perMinute: 20 },
  'assistant.threads.setStatus': { scope: 'chat:write', perMinute: 600 },
  'assistant.threads.setTitle': { scope: 'assistant:write', perMinute: 50 },
  'assistant.threads.setSuggestedPrompts': { scope: 'assistant:write', perMinute: 50 },
  'agents.sessions.setStatus': { scope: 'assistant:write', perMinute: 100 },
  'agents.sessions.rename': { scope: 'assistant:write', perMinute: 50 },
  'conversations.replies': { scope: 'channels:history', perMinute: 50 },
  'conversations.history': { scope: 'channels:history', perMinute: 50 },
  'conversations.info': { scope: 'channels:read', perMinute: 50 },
  'conversations.members': { scope: 'channels:read', perMinute: 100 },
  'conversations.open': { scope: 'im:write', perMinute: 50 },
  'users.info': { scope: 'users:read', perMinute: 100 },
  'reactions.add': { scope: 'reactions:write', perMinute: 50 },
  'files.getUploadURLExternal': { scope: 'files:write', perMinute: 100 },
  'files.completeUploadExternal': { scope: 'files:write', perMinute: 100 },
};

export interface WebApiOptions {
  readonly workspace: Workspace;
  readonly botToken: string;
  readonly appToken: string;
  readonly scopes: Set<string>;
  readonly faults: Faults;
  readonly calls: RecordedCall[];
  readonly baseUrl: () => string;
  /** Opens a Socket Mode connection: its URL. */
  readonly openSocket: () => string;
}

/** Answers `/api/<method>`. */
export function createWebApi(options: WebApiOptions) {
  const { workspace, faults, calls } = options;
  const spent = new Map<string, number[]>();

  function tooOften(method: string, args: Json): number | undefined {
    const rule = rules[method];
    if (rule === undefined) return undefined;
    const lane = rule.perChannel === true ? `${method}:${text(args.channel)}` : method;
    const now = workspace.now();
    const recent = (spent.get(lane) ?? []).filter((at) => now - at < 60_000);
    spent.set(lane, recent);
    if (recent.length < rule.perMinute) {
      recent.push(now);
      return undefined;
    }
    return Math.max(1, Math.ceil(((recent[0] ?? now) + 60_000 - now) / 1000));
  }

  function run(method: string, args: Json, token: string): Json {
    if (method === 'apps.connections.open') {
      if (token !== options.appToken)
        throw new SlackRefusal(token === '' ? 'not_authed' : 'not_allowed_token_type');
      return { url: options.openSocket() };
    }
    if (token === '') throw new SlackRefusal('not_authed');
    if (token !== options.botToken) throw new SlackRefusal('invalid_auth');
    if (faults.isRevoked) throw new SlackRefusal('token_revoked');
    if (method === 'auth.test') return identity(workspace);
    const found = Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (found === undefined) throw new SlackRefusal('unknown_method', { req_method: method });
    const scope = rules[method]?.scope;
    if (scope !== undefined && !options.scopes.has(scope))
      throw new SlackRefusal('missing_scope', { needed: scope, provided: [...options.scopes].join(',') });
    return found(
      workspace,
      method === 'files.getUploadURLExternal' ? { ...args, base: options.baseUrl() } : args,
    );
  }

  return async function handle(
    request: IncomingMessage,
    response: ServerResponse,
    method: string,
    body: Buffer,
  ) {
    const args = parseArguments(request.headers['content-type'] ?? '', body);
    const token = (request.headers.authorization ?? '').replace(/^Bearer /, '') || text(args.token);
    const record = (outcome: string) => void calls.push({ method, args, at: workspace.now(), outcome });
    const fault = faults.take(method);
    if (fault?.latencyMs !== undefined) await new Promise((resolve) => setTimeout(resolve, fault.latencyMs));
    if (fault?.type === 'cut_before') {
      record('cut_before');
      return void request.socket.destroy();
    }
    if (fault?.type === 'http') {
      record(`http_${fault.status}`);
      return void response.writeHead(fault.status ?? 500).end('upstream error');
    }
    if (fault?.type === 'error') {
      record(fault.error ?? 'internal_error');
      return send(response, { ok: false, error: fault.error });
    }
    const wait = fault?.type === 'rate_limit' ? fault.seconds : tooOften(method, args);
    if (wait !== undefined) {
      record('ratelimited');
      response.writeHead(429, { 'retry-after': String(wait), 'content-type': 'application/json' });
      return void response.end(JSON.stringify({ ok: false, error: 'ratelimited' }));
    }
    try {
      const result = run(method, args, token);
      record('ok');
      if (fault?.type === 'cut_after') return void request.socket.destroy();
      send(response, { ok: true, ...result }, { 'x-oauth-scopes': [...options.scopes].join(',') });
    } catch (error) {
      if (!(error instanceof SlackRefusal)) throw error;
      record(error.message);
      send(response, { ok: false, error: error.message, ...error.details });
    }
  };
}

function identity({ team, bot }: Workspace): Json {
  return {
    url: 'https://acme.slack.com/',
    team: 'Acme',
    user: 'aiops',
    team_id: team,
    user_id: bot.user,
    bot_id: bot.id,
    is_enterprise_install: false,
  };
}

function send(response: ServerResponse, body: Json, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/** Arguments as JSON or as a form, in which lists and objects are JSON texts. */
function parseArguments(contentType: string, body: Buffer): Json {
  if (contentType.includes('application/json')) {
    const value: unknown = JSON.parse(body.toString() || '{}');
    return isRecord(value) ? value : {};
  }
  const entries = [...new URLSearchParams(body.toString())].map(([name, value]) => [name, read(name, value)]);
  return Object.fromEntries(entries);
}

const structured = new Set([
  'blocks',
  'attachments',
  'view',
  'metadata',
  'chunks',
  'prompts',
  'loading_messages',
  'files',
  'unfurls',
]);

function read(name: string, value: string): unknown {
  if (!structured.has(name)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
