import { describe, expect, it } from 'vitest';
import { approvalBlocks, approvalsBlocks, detailsView } from '../../../adapters/slack/approval-blocks.ts';
import { hasButtons } from '../../../adapters/slack/approval-click.ts';
import { type Rendered, renderReply } from '../../../adapters/slack/render.ts';
import { harmless } from '../../../adapters/slack/safe-text.ts';
import { records } from '../../../src/chat/json.ts';
import type { ConcernCard, Reply } from '../../../src/chat/reply.ts';
import { checkBlocks, checkView } from '../../fakes/slack/blocks.ts';
import { card, long, typical } from '../../fakes/typical-replies.ts';

describe('ten typical answers', () => {
  it.each(Object.entries(typical))('%s', async (name, { done = [], ...reply }) => {
    const rendered = renderReply({ kind: 'answer', text: '', turnId: 'turn-1', ...reply }, { done });
    for (const { blocks } of rendered.messages) checkBlocks(blocks);
    const golden = JSON.stringify(rendered, null, 2);
    await expect(`${golden}\n`).toMatchFileSnapshot(`golden/${name.replaceAll(' ', '-')}.txt`);
  });
});

describe('calls that people changed', () => {
  const long = (name: string, more: string) =>
    JSON.stringify({ text: `${name} ${'\n"x" '.repeat(600)}`, more }, null, 2);
  const edited = (id: string) => ({
    ...card,
    id,
    state: 'approved' as const,
    arguments: long(id, 'before'),
    edited: long(`${id}2`, 'after'),
  });

  it('share what one message holds', () => {
    const cards = ['a', 'b', 'c', 'd'].map(edited);
    const prose = { type: 'markdown', text: 'I need approval before I run these 4 calls.' };
    const blocks = [prose, ...approvalsBlocks(cards, [prose]).flat()];
    expect(() => checkBlocks(blocks)).not.toThrow();
    expect(JSON.stringify(blocks).length).toBeLessThan(13_200);
    const asked = cards.map((one) => ({ ...one, state: 'pending' as const }));
    const { messages } = renderReply({ kind: 'approval', text: 'x', turnId: 't', approvals: asked });
    for (const message of messages) expect(() => checkBlocks(message.blocks)).not.toThrow();
  });

  it('keep Details once they are decided, where they were cut, and ask nothing any more', () => {
    const blocks = approvalBlocks(edited('a'));
    expect(JSON.stringify(blocks)).toContain('approval_details');
    expect(JSON.stringify(blocks)).not.toContain('approval_approve');
    expect(hasButtons({ blocks })).toBe(false);
    expect(hasButtons({ blocks: approvalBlocks({ ...edited('a'), state: 'pending' }) })).toBe(true);
    const short = approvalBlocks({ ...card, state: 'approved' });
    expect(JSON.stringify(short)).not.toContain('approval_details');
  });

  it('are shown whole by Details, with what was changed', () => {
    const view = detailsView(edited('a'));
    expect(() => checkView(view)).not.toThrow();
    const text = JSON.stringify(view);
    expect(text).toContain('Changed:');
    for (const part of ['+ more: ', '- more: ']) expect(text).toContain(part);
    expect(text).toContain(JSON.stringify('"more": "after"').slice(1, -1));
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

describe('what needs attention', () => {
  const id = '0b0a5ad5-9f7f-4a3f-8a11-6d1a3b9a2f10';
  const drawn = (concern: Omit<ConcernCard, 'id'>, more: Partial<Reply> = {}) =>
    renderReply(
      { kind: 'answer', text: 'The disk is full.', turnId: id, concern: { id, ...concern }, ...more },
      { team: 'T1' },
    );
  const actions = (rendered: Rendered) =>
    records(rendered.messages[0]?.blocks.find(({ type }) => type === 'actions')?.elements);
  const until = '2026-03-01T12:00:00.000Z';

  it.each([
    ['open', {}, ['concern_acknowledge', 'concern_snooze'], ''],
    ['acknowledged', { by: 'Ann' }, ['concern_reopen'], '✅ Acknowledged by Ann'],
    ['snoozed', { by: 'Ann', until }, ['concern_reopen'], '💤 Snoozed until <!date^1772366400^'],
    ['resolved', { by: 'Ann' }, [], '🟢 Resolved'],
  ] as const)('is drawn %s, with what can be done then', (state, more, buttons, line) => {
    const rendered = drawn({ state, ...more });
    expect(actions(rendered).map((element) => element.action_id)).toEqual(buttons);
    expect(JSON.stringify(rendered)).toContain(line);
    checkBlocks(rendered.messages[0]?.blocks);
  });

  it('stands in the first message of a long one, within the limits', () => {
    for (const text of [long, 'x'.repeat(10_400), '| a |\n|---|\n| b |\n\ntext\n\n'.repeat(60)]) {
      const mentions = [{ principal: 'slack:T1:UANN', name: 'Ann' }];
      const rendered = drawn({ state: 'open' }, { text, mentions, footer: 'f' });
      for (const { blocks } of rendered.messages) checkBlocks(blocks);
      expect(actions(rendered)).toHaveLength(2);
      expect(JSON.stringify(rendered.messages.slice(1))).not.toContain('concern_');
    }
  });

  it('says nothing of people of other platforms whose names nobody knows', () => {
    const mentions = [{ principal: 'teams:t:nobody', name: '' }];
    expect(JSON.stringify(drawn({ state: 'open' }, { mentions }))).not.toContain('nobody');
    const alone = renderReply({ kind: 'answer', text: 'Full.', turnId: id, mentions }, { team: 'T1' });
    expect(alone.messages[0]?.text).toBe('Full.');
  });

  it('notifies people of the workspace, and names others without a ping', () => {
    const mentions = [
      { principal: 'slack:T1:UANN', name: 'Ann' },
      { principal: 'slack:T2:UEVE', name: 'Eve <!channel>' },
      { principal: 'web:ada', name: 'Ada' },
    ];
    const [message] = drawn({ state: 'acknowledged', by: '<@UBOB>' }, { mentions }).messages;
    expect(message?.text).toMatch(/^<@UANN> Eve &lt;\u2060?!channel&gt; Ada The disk is full\.$/);
    const said = JSON.stringify(message);
    expect(said).toContain('<@UANN>');
    for (const ping of ['<@UEVE>', '<!channel>', '<@UBOB>']) expect(said).not.toContain(ping);
  });
});
