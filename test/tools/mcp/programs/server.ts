/**
 * An MCP server written by hand, so that it can misbehave in ways that an SDK would not let it.
 * Each argument is one of the habits below.
 */
import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

interface Call {
  readonly id?: number;
  readonly method: string;
  readonly params?: {
    readonly name?: string;
    readonly cursor?: string;
    readonly arguments?: Record<string, string>;
    readonly requestId?: number;
    readonly _meta?: { readonly progressToken?: number };
  };
}

const habits = new Set(process.argv.slice(2));
const object = { type: 'object', properties: {} };
const read = { readOnlyHint: true };
let grandchild = 0;
let extra = false;
const cancelled: number[] = [];

function say(message: object): void {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
}

function tools(): object[] {
  return [
    { name: 'pids', description: 'process ids', inputSchema: object, annotations: read },
    { name: 'cancelled', inputSchema: object, annotations: read },
    { name: 'note', inputSchema: object },
    { name: 'die', inputSchema: object },
    { name: 'read_and_die', inputSchema: object, annotations: read },
    { name: 'silent', inputSchema: object, annotations: read },
    { name: 'progress_for_ever', inputSchema: object, annotations: read },
    { name: 'refuse', inputSchema: object },
    { name: 'change', inputSchema: object },
    ...(extra ? [{ name: 'extra', inputSchema: object }] : []),
    ...(habits.has('broken-tools')
      ? [
          { name: 'no_object', inputSchema: { type: 'string' } },
          { name: 'no_schema' },
          {
            name: 'bad_output',
            inputSchema: object,
            outputSchema: { type: 'object', properties: { a: { type: 'nonsense' } } },
          },
          { name: 'task_only', inputSchema: object, execution: { taskSupport: 'required' } },
          { description: 'no name' },
        ]
      : []),
  ];
}

/** Two tools a page, so that lists take many pages. */
function page(cursor: string | undefined): object {
  const start = Number(cursor ?? 0);
  const all = tools();
  const nextCursor = start + 2 < all.length ? { nextCursor: String(start + 2) } : {};
  return { tools: all.slice(start, start + 2), ...nextCursor };
}

function text(value: unknown): object {
  return { content: [{ type: 'text', text: JSON.stringify(value) }] };
}

function run(call: Call): object | undefined {
  const { name, arguments: args = {} } = call.params ?? {};
  switch (name) {
    case 'pids':
      return { result: text({ pid: process.pid, grandchild }) };
    case 'cancelled':
      return { result: text(cancelled) };
    case 'note':
      appendFileSync(args.file ?? '', 'noted\n');
      return { result: text('noted') };
    case 'die':
    case 'read_and_die':
      appendFileSync(args.file ?? '', 'died\n');
      process.exit(3);
      break;
    case 'progress_for_ever':
      setInterval(() => {
        say({
          method: 'notifications/progress',
          params: { progressToken: call.params?._meta?.progressToken, progress: 1 },
        });
      }, 50);
      return undefined;
    case 'refuse':
      return { error: { code: -32000, message: 'not today' } };
    case 'change':
      extra = true;
      say({ method: 'notifications/tools/list_changed' });
      return { result: text('changed') };
    default:
      return undefined;
  }
  return undefined;
}

function answer(call: Call): object | undefined {
  switch (call.method) {
    case 'initialize': {
      const serverInfo = { name: 'by-hand', version: '1' };
      return {
        result: { protocolVersion: '2025-06-18', capabilities: { tools: { listChanged: true } }, serverInfo },
      };
    }
    case 'tools/list':
      return { result: page(call.params?.cursor) };
    case 'tools/call':
      return run(call);
    case 'notifications/cancelled':
      cancelled.push(call.params?.requestId ?? -1);
      return undefined;
    default:
      return { result: {} };
  }
}

if (habits.has('stubborn')) {
  process.on('SIGTERM', () => {});
  setInterval(() => {}, 60_000);
  const program =
    "process.on('SIGTERM', () => {}); setInterval(() => {}, 60_000); process.stdout.write('ready')";
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'ignore'] });
  child.stdout.once('data', () => {
    grandchild = child.pid ?? 0;
  });
}
if (habits.has('last-words')) {
  process.stderr.write(`cannot reach the cluster with ${process.env.CLUSTER_TOKEN}\n`);
  process.exit(7);
}
if (habits.has('garbage')) setInterval(() => process.stdout.write('Welcome to this fine server!\n'), 20);
if (habits.has('banner')) process.stdout.write('listening on stdio\n');

createInterface({ input: process.stdin }).on('line', (line) => {
  if (habits.has('garbage') || habits.has('hang')) return;
  const call: Call = JSON.parse(line);
  const body = answer(call);
  if (call.id !== undefined && body !== undefined) say({ id: call.id, ...body });
});
