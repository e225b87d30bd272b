import { describe, expect, it } from 'vitest';
import { renderReply } from '../../../adapters/slack/render.ts';
import { harmless } from '../../../adapters/slack/safe-text.ts';
import { checkBlocks } from '../../fakes/slack/blocks.ts';
import { card, long, typical } from '../../fakes/typical-replies.ts';

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
