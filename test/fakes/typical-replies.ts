import type { ApprovalCard, Reply } from '../../src/chat/reply.ts';

/** A question that nobody has answered. */
export const card: ApprovalCard = {
  id: 'a-1',
  tool: 'host__restart',
  effect: 'destructive',
  arguments: '{\n  "service": "nginx"\n}',
  note: 'An earlier attempt may have run.',
  askedBy: 'alice',
  state: 'pending',
  allows: ['approve', 'edit', 'deny', 'respond'],
  expiresAt: '2027-01-01T00:00:00.000Z',
};

/** Some 20,000 characters in paragraphs. */
export const long = Array.from(
  { length: 60 },
  (_unused, n) => `Paragraph ${n}: ${'words and more words '.repeat(14)}`,
).join('\n\n');

/** Typical answers, drawn by every platform into files that reviews can compare. */
export const typical: Readonly<Record<string, Partial<Reply> & { readonly done?: readonly string[] }>> = {
  table: {
    text: 'Disks:\n\n| disk | used |\n|---|---|\n| `/` | 91 % |\n| /var | 12 % |\n\nFree some **space**.',
    footer: 'gpt · 800 tokens · 2.0 s',
  },
  code: { text: 'Run this:\n\n```sh\ndf -h | sort\n```' },
  'long text': { text: long },
  chart: {
    text: '```chart\n{"type":"bar","title":"CPU","y_label":"%","series":[{"name":"web","data":[{"label":"Mon","value":3},{"label":"Tue","value":5}]}]}\n```',
  },
  'tool plan': {
    text: 'All is well.',
    done: ['host__disk', 'host__cpu'],
    footer: 'gpt · 1,200 tokens · 2 tool calls · 3.1 s',
  },
  approval: { kind: 'approval', text: 'I need approval before I run this.', approvals: [card] },
  error: { kind: 'error', text: 'The model did not answer in time.\n\nReference: turn-1', code: 'timeout' },
  pointed: {
    text: 'The disk of node7 is full since 03:00.',
    sources: [
      { title: 'Disk [runbook] | <!channel>', url: 'https://wiki.example.com/disk_(old)?a=1|2' },
      { title: 'grafana.example.com', url: 'https://grafana.example.com/d/7' },
    ],
  },
  sources: {
    text: 'The disk is full [1]; it was last week too [2].\n\n## Sources\n\n1. [Runbook](https://wiki.example.com/disk): how to free space\n2. [The alert](https://alerts.example.com/7)',
  },
  file: { text: `The log:\n\n\`\`\`log\n${'2027-01-01 error: no space left\n'.repeat(150)}\`\`\`` },
  report: {
    text: '# Morning report\n\n**Healthy**: 3 of 4\n\n- web ✅\n- db ❌\n\n| check | state |\n|---|---|\n| [web](https://web.example.com) | ok |\n\n> db is out of disk\n\n---\n\n- [x] look\n- [ ] free space',
  },
};
