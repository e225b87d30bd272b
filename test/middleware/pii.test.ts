import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/agent/json.ts';
import type { ModelEvent } from '../../src/agent/provider.ts';
import type { Step } from '../../src/agent/steps.ts';
import { detectors } from '../../src/middleware/pii-detectors.ts';
import { screened } from '../../src/middleware/pii-output.ts';
import { clean, type Watch } from '../../src/middleware/pii-words.ts';
import { seeingThrough } from '../../src/middleware/plain-words.ts';
import { modelStep, resultStep } from '../agent/stage.ts';
import { type Act, acting, answers, call, calls, openRig, type RigOptions, tool } from './harness.ts';

const open = (config: object, more: Partial<RigOptions> = {}) =>
  openRig({ rows: [{ type: 'PIIMiddleware', config }], models: { main: acting(answers('Fine.')) }, ...more });

/** What a model reads of a question. */
async function read(question: string, config: object): Promise<string> {
  const main = acting(answers('Fine.'));
  await (await open(config, { models: { main } })).turn({ question });
  return main.requests[0]?.messages.map(({ text }) => text).join('\n') ?? '';
}

const pieces = (text: string, size: number) =>
  Array.from({ length: Math.ceil(text.length / size) }, (_, n) => text.slice(n * size, n * size + size));

const saying = (text: string, size: number): Act => [
  ...pieces(text, size).map((part): ModelEvent => ({ type: 'text', text: part })),
  { type: 'stop', reason: 'end' },
];

const output = { apply_to_input: false, apply_to_output: true };

describe('PIIMiddleware', () => {
  it.each([
    ['email', 'Mail jo.doe+x@ops.example.com, please.', 'Mail [REDACTED_EMAIL], please.'],
    ['email', 'jörg@müller.de and a@b', '[REDACTED_EMAIL] and a@b'],
    ['credit_card', 'Card 4111 1111 1111 1111.', 'Card [REDACTED_CREDIT_CARD].'],
    ['credit_card', 'Pay 12 4111-1111-1111-1111 2 now', 'Pay 12 [REDACTED_CREDIT_CARD] 2 now'],
    [
      'credit_card',
      'Card 4111\u00a01111  1111 - 1111, ４１１１111111111111',
      'Card [REDACTED_CREDIT_CARD], [REDACTED_CREDIT_CARD]',
    ],
    ['email', 'Ünï: jo\u200b.doe＠ops.example ok', 'Ünï: [REDACTED_EMAIL] ok'],
    ['email', '\u202ejo\u2066@ops\ufe0f.example\u{e0061}!', '\u202e[REDACTED_EMAIL]\u{e0061}!'],
    ['credit_card', '٤١١١ 1111–1111−𝟏𝟏𝟏𝟏', '[REDACTED_CREDIT_CARD]'],
    ['mac_address', '００：1a：2b‐', '００：1a：2b‐'],
    ['mac_address', '00‑1A‑2b‑3C‑4d‑5E', '[REDACTED_MAC_ADDRESS]'],
    ['credit_card', 'Amex 378282246310005', 'Amex [REDACTED_CREDIT_CARD]'],
    ['credit_card', '4111 1111 1111 1112 at 1763210000000', '4111 1111 1111 1112 at 1763210000000'],
    ['ip', '10.0.0.1, 10.0.0.256 and 1.2.3.4.5', '[REDACTED_IP], 10.0.0.256 and 1.2.3.4.5'],
    ['ip', 'at fe80::1. Or 2001:db8:0:0:0:0:2:1!', 'at [REDACTED_IP]. Or [REDACTED_IP]!'],
    ['ip', '::ffff:10.1.2.3 at 12:34:56 in std::vector', '[REDACTED_IP] at 12:34:56 in std::vector'],
    [
      'mac_address',
      '00:1A:2b:3C:4d:5E 00-1a-2b-3c-4d-5e 001a.2b3c.4d5e',
      `${'[REDACTED_MAC_ADDRESS] '.repeat(3)}`.trim(),
    ],
    ['mac_address', '00:1A:2b:3C:4d and 00:1A:2b:3C:4d:5E:6F', '00:1A:2b:3C:4d and 00:1A:2b:3C:4d:5E:6F'],
    ['url', 'See https://x.example/a?b=1. Or www.ops.example', 'See [REDACTED_URL]. Or [REDACTED_URL]'],
    ['url', '<https://x.example|here>', '<[REDACTED_URL]|here>'],
  ])('finds %s in “%s”', async (pii_type, question, expected) => {
    expect(await read(question, { pii_type })).toBe(expected);
  });

  it.each([
    ['redact', /^I am \[REDACTED_EMAIL\]$/],
    ['mask', /^I am \*\.\*{3}@\*{3}\.\*{3}mple$/],
    ['hash', /^I am <email_hash:[0-9a-f]{8}>$/],
  ])('%s: %s', async (strategy, expected) => {
    expect(await read('I am a.bcd@ops.example', { strategy })).toMatch(expected);
  });

  it('a mask keeps the last four, and nothing of what is that short', async () => {
    expect(
      await read('4111-1111-1111-1234 4111-1111-1111-1111', { pii_type: 'credit_card', strategy: 'mask' }),
    ).toBe('4111-1111-1111-1234 ****-****-****-1111');
    expect(await read('pin 1234', { pii_type: 'pin', detector: '\\b\\d{4}\\b', strategy: 'mask' })).toBe(
      'pin ****',
    );
  });

  it('finds what an own detector says, and needs one for a kind of one’s own', async () => {
    const own = { pii_type: 'employee', detector: '\\bE\\d{4}\\b' };
    expect(await read('Ask e1234 about E12345', own)).toBe('Ask [REDACTED_EMPLOYEE] about E12345');
    const rig = await open({ pii_type: 'employee' });
    expect((await rig.turn()).trace?.skipped?.[0]?.[1]).toContain('write a detector');
  });

  it('takes several kinds, of which the first stays where they meet', async () => {
    const config = { pii_type: 'url', rules: [{ pii_type: 'email', strategy: 'hash' }, { piiType: 'ip' }] };
    expect(await read('https://a@b.example/10.0.0.1 and 10.0.0.2', config)).toBe(
      '[REDACTED_URL] and [REDACTED_IP]',
    );
  });

  it('block ends the turn before any model is asked, also for what is said later', async () => {
    const main = acting(calls(call('a')), answers('Fine.'));
    const rig = await open({ strategy: 'block' }, { models: { main }, tools: [tool('look')] });
    expect(await rig.turn({ question: 'I am jo@ops.example' })).toMatchObject({
      status: 'failed',
      code: 'input_rejected',
      text: expect.stringContaining('a mail address'),
    });
    expect(main.requests).toHaveLength(0);
    const later = await rig.turn({ said: ['by the way: jo@ops.example'] });
    expect(later).toMatchObject({ status: 'failed', code: 'input_rejected' });
    expect(main.requests).toHaveLength(0);
    expect(rig.acted).toEqual(['PIIMiddleware blocked_input', 'PIIMiddleware blocked_input']);
  });

  it('leaves alone what it is not for', async () => {
    expect(await read('I am jo@ops.example', { apply_to_input: false })).toBe('I am jo@ops.example');
    const main = acting(answers('I am jo@ops.example'));
    const seen = await (await open({}, { models: { main } })).turn();
    expect(seen).toMatchObject({ text: 'I am jo@ops.example', shown: ['I am jo@ops.example'] });
  });

  const long = `See https://x.example/${'a'.repeat(6000)}!x next`;
  it.each([
    ['email', 'Mail jo.doe@ops.example, or al@b.example', 'Mail [REDACTED_EMAIL], or [REDACTED_EMAIL]'],
    ['credit_card', 'It is 4111 1111 1111 1111 I think', 'It is [REDACTED_CREDIT_CARD] I think'],
    ['credit_card', 'Ja: 4111\u200b１111  1111\u00a01111 ü', 'Ja: [REDACTED_CREDIT_CARD] ü'],
    ['ip', 'Hosts 10.0.0.1 and fe80::1.', 'Hosts [REDACTED_IP] and [REDACTED_IP].'],
    ['mac_address', 'It is 00:1A:2B:3C:4D:5E, yes', 'It is [REDACTED_MAC_ADDRESS], yes'],
    ['url', 'See https://x.example/a.html, then www.b.example.', 'See [REDACTED_URL], then [REDACTED_URL].'],
    ['url', long, 'See [REDACTED_URL] next'],
  ])('%s: whatever pieces an answer comes in, it is the same', async (pii_type, text, expected) => {
    for (const size of [1, 2, 3, 5, 7, 11, 64, text.length]) {
      const rig = await open({ ...output, pii_type }, { models: { main: acting(saying(text, size)) } });
      const seen = await rig.turn();
      expect([size, seen.text]).toEqual([size, expected]);
      expect(seen.shown.join('')).toBe(expected);
    }
  });

  it('nor do look-alikes let anything through, wherever an answer is cut', async () => {
    const bits = [
      ...[
        'jo@ops.example',
        'jo\u200b＠ops.example',
        '4111 1111 1111 1111',
        '４１１１１１１１１１１１１１１１',
      ],
      ...[
        '𝟒111\u00a01111\u00ad 1111–1111',
        '378282246310005',
        '10.0.0.1',
        '１0.0.0.1',
        'fe80：：1',
        '00：1b-44',
      ],
      ...[
        '00:1b:44:11:3a:b7',
        'ｈttps://a.example/x?y=1',
        'www．x.org',
        ' ',
        '.',
        '：',
        '1',
        '𝟙',
        '٣',
        '-',
        '–',
      ],
      ...[
        '@',
        'é',
        '😀',
        '\n',
        'a.b',
        'h',
        'ttps:/',
        '/',
        '::',
        '\u200d',
        '\u00a0',
        '\ufe0f',
        '½',
        '…',
        '\ud835',
      ],
    ];
    const every = Object.entries(detectors).map(
      ([type, detector]): Watch => ({ type, strategy: 'redact', detector: seeingThrough(detector) }),
    );
    let seed = 7;
    const below = (most: number) => {
      seed = (seed * 1103515245 + 12345) % 2 ** 31;
      return Math.floor((seed / 2 ** 31) * most);
    };
    for (let run = 0; run < 1500; run += 1) {
      const text = Array.from({ length: 1 + below(12) }, () => bits[below(bits.length)]).join('');
      const watches = run % 2 === 0 ? every : every.slice(below(every.length)).slice(0, 1);
      const events: ModelEvent[] = [];
      for (let at = 0; at < text.length; ) {
        const end = at + 1 + below(4);
        events.push({ type: 'text', text: text.slice(at, end) });
        at = end;
      }
      events.push({ type: 'stop', reason: 'end' });
      const hear = async function* () {
        yield* events;
      };
      let heard = '';
      for await (const event of screened(watches, hear, { acted: () => {}, changed: () => {} }))
        if (event.type === 'text') heard += event.text;
      expect([run, text, heard]).toEqual([run, text, clean(text, watches)]);
    }
  });

  it('shows the rest of an answer as it comes', async () => {
    const text = 'Nothing is in these words, so that they can go on at once.';
    const rig = await open(
      { ...output, rules: [{ ...output, pii_type: 'url' }] },
      { models: { main: acting(saying(text, 3)) } },
    );
    const { shown } = await rig.turn();
    expect(shown.join('')).toBe(text);
    expect(shown.length).toBeGreaterThan(9);
  });

  it('an own detector holds back no more than a window', async () => {
    const text = `${'word '.repeat(400)}E1234 ${'word '.repeat(400)}`;
    const config = { ...output, pii_type: 'employee', detector: '\\bE\\d{4}\\b' };
    const seen = await (await open(config, { models: { main: acting(saying(text, 4)) } })).turn();
    expect(seen.text).toBe(text.replace('E1234', '[REDACTED_EMPLOYEE]'));
    expect(seen.shown.length).toBeGreaterThan(500);
  });

  it('block keeps an answer from being shown any further', async () => {
    const main = acting(saying('It is jo@ops.example, and more', 4));
    const seen = await (await open({ ...output, strategy: 'block' }, { models: { main } })).turn();
    expect(seen).toMatchObject({ status: 'failed', code: 'output_rejected' });
    expect(seen.shown.join('')).not.toContain('ops');
  });

  it('what a vendor wants back goes where its words were changed, and stays where not', async () => {
    const opaque = { type: 'opaque', opaque: { key: 'k', data: 'jo@ops.example' } } as const;
    const with_ = (text: string): Act => [{ type: 'text', text }, opaque, { type: 'stop', reason: 'end' }];
    for (const [text, kept] of [
      ['I am jo@ops.example', undefined],
      ['Fine.', opaque.opaque],
    ] as const) {
      const seen = await (await open(output, { models: { main: acting(with_(text)) } })).turn();
      expect(seen.steps[0]).toMatchObject({ message: { ...(kept === undefined ? {} : { opaque: kept }) } });
      expect(JSON.stringify(seen.steps)).not.toContain('I am jo@');
    }
  });

  it('begins anew with an answer that begins anew, and passes a failure on', async () => {
    const main = acting([
      { type: 'text', text: 'I am jo@' },
      { type: 'restart', reason: 'again' },
      { type: 'text', text: 'ops.example is a name' },
      { type: 'stop', reason: 'end' },
    ]);
    expect((await (await open(output, { models: { main } })).turn()).text).toBe('ops.example is a name');
    const failing = acting({ says: [{ type: 'text', text: 'I am' }], fails: new Error('gone') });
    await expect((await open(output, { models: { main: failing } })).turn()).rejects.toThrow('gone');
  });

  const results = { apply_to_input: false, apply_to_tool_results: true };
  const looking = () => acting(calls(call('a')), answers('Done.'));
  const giving = (text: string) =>
    tool('look', async () => ({
      text,
      structured: { text },
      links: [{ uri: 'https://x.example/jo@ops.example' }, { uri: 'https://x.example/' }],
      isError: false,
    }));

  it('cleans what tools give before it is stored', async () => {
    const main = looking();
    const rig = await open(results, { models: { main }, tools: [giving('It is jo@ops.example.')] });
    const { steps } = await rig.turn();
    expect(steps[1]).toMatchObject({
      type: 'result',
      ran: true,
      message: { text: 'It is [REDACTED_EMAIL].', isError: false, links: [{ uri: 'https://x.example/' }] },
    });
    expect(JSON.stringify(main.requests)).not.toContain('jo@ops');
  });

  it('block keeps a result back, and the turn goes on', async () => {
    const rig = await open(
      { ...results, strategy: 'block' },
      { models: { main: looking() }, tools: [giving('jo@ops.example')] },
    );
    const seen = await rig.turn();
    expect(seen).toMatchObject({ status: 'done', text: 'Done.' });
    expect(seen.steps[1]).toMatchObject({ ran: true, message: { isError: true } });
    expect(JSON.stringify(seen.steps)).not.toContain('jo@ops');
  });

  it('cleans what was stored before, when a turn goes on', async () => {
    const steps: Step[] = [modelStep('', call('a')), resultStep('a', 'It is jo@ops.example.')];
    const main = acting(answers('Done.'));
    const rig = await open({ apply_to_tool_results: true }, { models: { main } });
    await rig.turn({ steps, activation: 'resume', question: 'Who is al@ops.example?' });
    expect(main.requests[0]?.messages.map(({ text }) => text)).toEqual([
      'Who is [REDACTED_EMAIL]?',
      '',
      'It is [REDACTED_EMAIL].',
    ]);
  });

  it('a call that waits for people waits', async () => {
    const write = tool('write', undefined, 'write');
    const rig = await open(results, {
      models: { main: acting(calls(call('a', 'write'))) },
      tools: [write],
      asks: ['write'],
    });
    expect((await rig.turn()).status).toBe('paused');
  });

  const telling = (text: string) =>
    tool('look', async (_args, _signal, context) => {
      context?.progress?.(`reads ${text}`);
      return { text, isError: false };
    });

  it.each([
    ['redact', ['reads [REDACTED_EMAIL]', '[REDACTED_EMAIL]']],
    ['block', ['reads [REDACTED_EMAIL]', expect.stringContaining('which you must not read')]],
  ])('people see nothing of a result either while a tool runs: %s', async (strategy, told) => {
    const rig = await open(
      { ...results, strategy },
      { models: { main: looking() }, tools: [telling('jo@ops.example')] },
    );
    expect((await rig.turn()).told).toEqual(told);
  });

  const sending = (effect: 'read' | 'write', args: JsonObject) => {
    const got: JsonObject[] = [];
    const send = tool(
      'send',
      async (given) => {
        got.push(given);
        return { text: 'sent', isError: false };
      },
      effect,
    );
    const opaque = { type: 'opaque', opaque: { key: 'k', data: args } } as const;
    const [said, stop] = calls(call('a', 'send', args));
    const main = acting([said as ModelEvent, opaque, stop as ModelEvent], answers('Done.'));
    return { got, send, main };
  };
  const card = { to: ['jo@ops.example'], note: { card: 4111111111111111 }, count: 3 };
  const both = { ...output, rules: [{ ...output, pii_type: 'credit_card' }] };

  it('takes it out of what a model calls tools with, at every depth, and stores nothing of it', async () => {
    const { got, send, main } = sending('read', card);
    const seen = await (await open(both, { models: { main }, tools: [send] })).turn();
    expect(got).toEqual([{ to: ['[REDACTED_EMAIL]'], note: { card: '[REDACTED_CREDIT_CARD]' }, count: 3 }]);
    expect(JSON.stringify([seen, main.requests[1]])).not.toMatch(/jo@ops|4111/);
  });

  it('does not run what would write something else than was meant, also when the turn goes on later', async () => {
    const { got, send, main } = sending('write', card);
    const rig = await open(both, { models: { main }, tools: [send] });
    const seen = await rig.turn();
    expect(got).toEqual([]);
    expect(seen.steps[1]).toMatchObject({ ran: false, message: { isError: true } });
    const later = await rig.turn({ activation: 'resume', steps: seen.steps.slice(0, 1), state: seen.state });
    expect(got).toEqual([]);
    expect(later.steps[1]).toMatchObject({ ran: false });
    const plain = sending('write', { to: 'everyone' });
    await (await open(both, { models: { main: plain.main }, tools: [plain.send] })).turn();
    expect(plain.got).toEqual([{ to: 'everyone' }]);
  });

  it('block ends a turn whose call would give it to a tool', async () => {
    const { got, send, main } = sending('read', card);
    const rig = await open({ ...output, strategy: 'block' }, { models: { main }, tools: [send] });
    expect(await rig.turn()).toMatchObject({ status: 'failed', code: 'output_rejected' });
    expect(got).toEqual([]);
  });

  it('reads a PDF like what its sender wrote', async () => {
    const main = acting(answers('Fine.'));
    const rig = await open({}, { models: { main } });
    await rig.turn({ pdfs: { 'jo@ops.example.pdf': 'Ask jo@ops.example.' } });
    await rig.turn({ pdfs: { 'plan.pdf': 'Ask nobody.' } });
    const [first, second] = main.requests.map(({ messages }) => messages[0]);
    expect(first?.text).toContain('Ask [REDACTED_EMAIL].');
    expect(JSON.stringify(first)).not.toMatch(/jo@ops|shown/);
    expect(second).toMatchObject({ shown: [{ name: 'plan.pdf' }] });
    const strict = await open({ strategy: 'block' }, { models: { main } });
    expect(await strict.turn({ pdfs: { 'plan.pdf': 'Ask jo@ops.example.' } })).toMatchObject({
      status: 'failed',
      code: 'input_rejected',
    });
    expect(main.requests).toHaveLength(2);
  });

  it('shows of a PDF that cannot be read whole no more than its text', async () => {
    const main = acting(answers('Fine.'));
    const fileText = async () => ({ text: '(This PDF is protected.)', isWhole: false });
    await (await open({}, { models: { main }, fileText })).turn({ pdfs: { 'plan.pdf': 'x' } });
    expect(main.requests[0]?.messages[0]).not.toHaveProperty('shown');
    expect(main.requests[0]?.messages[0]?.text).toContain('(This PDF is protected.)');
  });
});

describe('PIIMiddleware and what people who are asked write', () => {
  const answered = async (config: object, responded: string) => {
    const main = acting(calls(call('a', 'write')), answers('Fine.'));
    const tools = [tool('write', undefined, 'write')];
    const seen = await (await open(config, { models: { main }, tools })).turn({
      responded: { a: responded },
    });
    const step = seen.steps.find(({ type }) => type === 'result');
    const stored = step?.type === 'result' ? step.message.text : '';
    return { read: main.requests[1]?.messages.at(-1)?.text, stored };
  };

  it('is theirs: the model reads it without what it must not, and it is stored as they wrote it', async () => {
    const words = 'Ask jo@ops.example.';
    expect(await answered({}, words)).toEqual({ read: 'Ask [REDACTED_EMAIL].', stored: words });
    const results = { apply_to_input: false, apply_to_tool_results: true, strategy: 'block' };
    expect(await answered(results, words)).toEqual({ read: words, stored: words });
  });

  it('is not read at all where it is to be blocked, and no tool is said to have run', async () => {
    const { read, stored } = await answered({ strategy: 'block' }, 'Ask jo@ops.example.');
    expect(read).toMatch(
      /^Not run: a person answered in place of write, but their words hold a mail address/,
    );
    expect(stored).toBe(read);
  });

  it('counts before a result too, which has watches of its own', async () => {
    const told = 'Ada changed it: jo@ops.example.\n\n';
    const result = resultStep('a', `${told}From root@ops.example.`);
    const steps: readonly Step[] = [
      modelStep('', call('a', 'look')),
      { ...result, message: { ...result.message, personsLength: told.length } },
    ];
    const main = acting(answers('Fine.'));
    const rows = [{ type: 'PIIMiddleware' }, { type: 'PIIMiddleware', config: { pii_type: 'ip' } }];
    await (await open({}, { models: { main }, rows })).turn({ steps, activation: 'resume' });
    expect(main.requests[0]?.messages.at(-1)?.text).toBe(
      'Ada changed it: [REDACTED_EMAIL].\n\nFrom root@ops.example.',
    );
  });
});
