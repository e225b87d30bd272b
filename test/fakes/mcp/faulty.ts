/**
 * An MCP server over stdio that is well but for one fault, named by its argument. `well` always
 * answers; `ill` shows the fault, unless it already shows when the server starts.
 */
import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { createInterface } from 'node:readline';

interface Request {
  readonly id?: number;
  readonly method: string;
  readonly params?: { readonly name?: string; readonly _meta?: { readonly progressToken?: number } };
}

const fault = process.argv[2] ?? '';
const tool = (name: string) => ({
  name,
  inputSchema: { type: 'object', properties: {} },
  annotations: { readOnlyHint: true },
});
let lists = 0;

function say(message: object): void {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
}

const text = (value: string) => ({ content: [{ type: 'text', text: value }] });

/** What `ill` does instead of answering. */
const faults: Readonly<Record<string, (request: Request) => void>> = {
  'killed in mid-call': () => process.kill(process.pid, 'SIGKILL'),
  'exits in mid-call': () => {
    process.stderr.write('out of disk\n');
    process.exit(7);
  },
  'never answers': () => {},
  'stops altogether': () => {
    for (;;);
  },
  'answers garbage': () => process.stdout.write('<html>what?</html>\n{"jsonrpc": "2.0", "id"\n'),
  'answers a line of 60 MB': ({ id }) => {
    const part = 'x'.repeat(1024 * 1024);
    process.stdout.write(`{"jsonrpc":"2.0","id":${id},"result":{"content":[{"type":"text","text":"`);
    for (let n = 0; n < 60; n += 1) process.stdout.write(part);
    process.stdout.write('"}]}}\n');
  },
  'answers under other ids': ({ id = 0 }) => {
    say({ id: id + 1000, result: text('for somebody else') });
    say({ id: 'no number', result: text('for somebody else') });
  },
  'answers with a result that is no object': ({ id }) => say({ id, result: 'fine' }),
  'closes its output and lives on': () => {
    setInterval(() => {}, 60_000);
    closeSync(1);
  },
  'floods progress and log messages': ({ id, params }) => {
    const progressToken = params?._meta?.progressToken;
    for (let n = 0; n < 5_000; n += 1) {
      say({ method: 'notifications/progress', params: { progressToken, progress: n, total: 5_000 } });
      say({ method: 'notifications/message', params: { level: 'debug', data: `line ${n}` } });
    }
    say({ id, result: text('done at last') });
  },
  'says list_changed without end': ({ id }) => {
    setInterval(() => say({ method: 'notifications/tools/list_changed' }), 5);
    say({ id, result: text('done') });
  },
};

function list(): object {
  lists += 1;
  if (fault === 'lists pages without end') return { tools: [tool(`t${lists}`)], nextCursor: `c${lists}` };
  const next = fault === 'lists the same page again' ? { nextCursor: 'again' } : {};
  return { tools: [tool('well'), tool('ill'), tool('lists')], ...next };
}

function answer(request: Request): object | undefined {
  const { method, params } = request;
  if (method === 'initialize') {
    const serverInfo = { name: 'faulty', version: '1' };
    return { protocolVersion: '2025-06-18', capabilities: { tools: { listChanged: true } }, serverInfo };
  }
  if (method === 'tools/list') return list();
  if (method !== 'tools/call') return {};
  if (params?.name === 'lists') return text(String(lists));
  if (params?.name === 'well') return text(`well as ${process.pid}`);
  faults[fault]?.(request);
  return undefined;
}

if (fault === 'exits at once') {
  process.stderr.write('no kubeconfig found\n');
  process.exit(2);
}
if (fault === 'does not end when asked') {
  const stubborn = "process.on('SIGTERM', () => {}); setInterval(() => {}, 60_000); console.log('ready')";
  process.on('SIGTERM', () => {});
  setInterval(() => {}, 60_000);
  const grandchild = spawn(process.execPath, ['-e', stubborn], { stdio: ['ignore', 'pipe', 'ignore'] });
  await new Promise((resolve) => grandchild.stdout.once('data', resolve));
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const request: Request = JSON.parse(line);
  if (fault === 'hangs in initialize') return;
  const result = answer(request);
  if (request.id !== undefined && result !== undefined) say({ id: request.id, result });
});
