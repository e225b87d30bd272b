import { describe, expect, it } from 'vitest';
import { renderReply } from '../../../adapters/slack/render.ts';
import { harmless } from '../../../adapters/slack/safe-text.ts';
import type { ApprovalCard, Reply } from '../../../src/chat/reply.ts';
import { checkBlocks } from '../../fakes/slack/blocks.ts';

const card: ApprovalCard = {
  id: 'a-1',
  tool: 'host__restart',
  effect: 'destructive',
  arguments: '{\n  "service": "nginx"\n}',
  note: 'An earlier attempt may have run.',
  askedBy: 'alice',
  state: 'pending',
  expiresAt: '2027-01-01T00:00:00.000Z',
};

const long = Array.from(
  { length: 60 },
  (_unused, n) => `Paragraph ${n}: ${'words and more words '.repeat(14)}`,
).join('\n\n');

const typical: Readonly<Record<string, Partial<Reply> & { readonly done?: readonly string[] }>> = {
  table: {
    text: 'Disks:\n\n| disk | used |\n|---|---|\n| `/` | 91 % |\n| /var | 12 % |\n\nFree some space.',
  },
  code: { text: 'Run this:\n\n```sh\ndf -h | sort\n```' },
  'long text': { text: long },
  chart: {
    text: '```chart\n{"type":"bar","title":"CPU","series":[{"name":"web","data":[{"label":"Mon","value":3},{"label":"Tue","value":5}]}]}\n```',
  },
  'tool plan': {
    text: 'All is well.',
    done: ['host__disk', 'host__cpu'],
    footer: 'gpt · 1,200 tokens · 2 tool calls · 3.1 s',
  },
  approval: { kind: 'approval', text: 'I need approval before I run this.', approvals: [card] },
  error: { kind: 'error', text: 'The model did not answer in time.\n\nReference: turn-1', code: 'timeout' },
  sources: {
    text: 'See the [runbook](https://wiki.example.com/disk) and [the alert](https://alerts.example.com/7).',
  },
  file: { text: `The log:\n\n\`\`\`log\n${'2027-01-01 error: no space left\n'.repeat(150)}\`\`\`` },
  report: {
    text: '# Morning report\n\n**Healthy**: 3 of 4\n\n- web ✅\n- db ❌\n\n| check | state |\n|---|---|\n| web | ok |\n\n> db is out of disk',
  },
};

describe('ten typical answers', () => {
  it.each(Object.entries(typical))('%s', async (name, { done = [], ...reply }) => {
    const rendered = renderReply({ kind: 'answer', text: '', turnId: 'turn-1', ...reply }, done);
    for (const { blocks } of rendered.messages) checkBlocks(blocks);
    const golden = JSON.stringify(rendered, null, 2);
    await expect(`${golden}\n`).toMatchFileSnapshot(`golden/${name.replaceAll(' ', '-')}.txt`);
  });
});

describe('what a model writes', () => {
  it.each(['<!channel>', '<!here|x>', '<!subteam^S1>', '<@U123ABC>', '<#C123>', '@channel', '@everyone'])(
    'cannot ping by %s, in prose, in code, or in a table',
    (ping) => {
      const text = `${ping}\n\n\`\`\`\n${ping}\n\`\`\`\n\n| a |\n|---|\n| ${ping} |`;
      const { messages } = renderReply({ kind: 'answer', text, turnId: 't' });
      expect(JSON.stringify(messages)).not.toContain(ping);
    },
  );

  it('stays as it is where it pings nobody', () => {
    const text = 'a < b, <div>, user@example.com, <!DOCTYPE html>, #channel';
    expect(harmless(text)).toBe(text);
  });

  it('cannot break out of the code of an approval', () => {
    const sly = { ...card, arguments: '```\n<!channel>\n```' };
    const { messages } = renderReply({ kind: 'approval', text: 'x', turnId: 't', approvals: [sly] });
    expect(JSON.stringify(messages)).toContain('````json');
  });

  it('fits the limits whatever it is', () => {
    const odd = [
      '',
      ' ',
      '|',
      '```',
      '| a |\n|---|',
      '#'.repeat(20_000),
      'x'.repeat(50_000),
      '|a|b|\n|-|-|\n'.concat('|x|y|\n'.repeat(300)),
      '\ud83d\ude00'.repeat(9000),
      `${'| a '.repeat(30)}|\n${'|---'.repeat(30)}|\n${'| b '.repeat(30)}|`,
    ];
    for (const text of odd) {
      const { messages } = renderReply({ kind: 'answer', text, turnId: 't', footer: 'f' });
      expect(messages.length).toBeGreaterThan(0);
      for (const message of messages) {
        checkBlocks(message.blocks);
        expect(message.text).not.toBe('');
      }
    }
  });

  it('is whole over all messages of a long answer', () => {
    const { messages } = renderReply({ kind: 'answer', text: long, turnId: 't' });
    const said = JSON.stringify(messages.map(({ blocks }) => blocks));
    for (let n = 0; n < 60; n += 1) expect(said.split(`Paragraph ${n}:`)).toHaveLength(2);
  });
});
