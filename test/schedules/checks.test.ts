import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { onDatabases, type ServerOnStage } from '../bot/stage.ts';
import type { RecordedRequest } from '../fakes/llm/script.ts';
import { type Ops, openOps, rest } from './ops-stage.ts';

/** So many tools that the model is told of `find_tools` in their place. */
const wide: ServerOnStage = {
  name: 'wide',
  isTrusted: true,
  define(server) {
    for (let n = 0; n < 120; n += 1) {
      const description = `Reads gauge ${n} of the plant. ${'It says how high it stands and since when. '.repeat(8)}`;
      const reads = {
        description,
        inputSchema: { gauge: z.string() },
        annotations: { readOnlyHint: true },
      };
      server.registerTool(`gauge_${n}`, reads, async ({ gauge }) => {
        if (gauge === 'broken') return { isError: true, content: [{ type: 'text', text: 'It is broken.' }] };
        return { content: [{ type: 'text', text: 'It stands at 5.' }] };
      });
    }
  },
};

const runsSchema = z.object({ runs: z.array(z.looseObject({ checks: z.array(z.unknown()) })) });

describe('the checks of reports and monitors', () => {
  let ops: Ops;
  beforeAll(async () => {
    ops = await openOps({ env: await onDatabases.postgresql(), servers: [wide] });
    await ops.opened(/Health Report/);
  });
  afterAll(() => ops?.stage.close());

  type Called = { readonly name: string; readonly arguments: string };
  const through = (name: string, args: object): Called => ({
    name: 'call_tool',
    arguments: JSON.stringify({ name, arguments: args }),
  });
  const asked = ({ body }: RecordedRequest, words: string) => JSON.stringify(body).includes(words);

  /** The model makes these calls first, and says this then. */
  function looksAndSays(calls: readonly Called[], words: string): void {
    ops.answers((request) => (asked(request, '"role":"tool"') ? { text: words } : { calls: [...calls] }));
  }
  const finds: Called = { name: 'find_tools', arguments: '{"query":"gauge"}' };
  const questions = { checks: [{ question: 'Is it dry?', rule: 'critical above 9' }] };
  const textOf = async (title: RegExp) => (await ops.said(await ops.opened(title)))[0]?.text ?? '';

  it('that only searched for tools have looked at nothing', async () => {
    looksAndSays([finds], 'All gauges are fine.\nVERDICT: ok');
    const id = await ops.schedule({ name: 'Searched', kind: 'report', ...questions });
    await ops.run(id);
    expect(JSON.stringify(ops.stage.llm.requests.at(-1)?.body)).toContain('find_tools');
    expect(await textOf(/Searched/)).toContain('⚪ Is it dry? — no verdict: the model looked at nothing');
    const monitor = { name: 'Watched', kind: 'monitor', watches: 'question', question: 'Is it dry?' };
    const run = await ops.run(await ops.schedule({ ...monitor, confirmations: 1 }));
    expect(run?.summary).toBe('said opened, verdict unknown');
  });

  it('whose every tool failed have looked at nothing, and one that gave something is enough', async () => {
    const [broken, well] = [
      through('wide__gauge_1', { gauge: 'broken' }),
      through('wide__gauge_2', { gauge: 'east' }),
    ];
    looksAndSays([finds, broken], 'It is dry.\nVERDICT: ok');
    const id = await ops.schedule({ name: 'Broken', kind: 'report', ...questions });
    await ops.run(id);
    expect(await textOf(/Broken/)).toContain('no verdict: the model looked at nothing: every tool');
    looksAndSays([finds, broken, well], 'It is dry.\nVERDICT: ok');
    await ops.run(id);
    expect(await textOf(/Broken/)).toContain('🟢 Is it dry? — ok: It is dry. _(was unknown)_');
  });

  it('tell people what they rest on, with the report and in the history', async () => {
    looksAndSays(
      [finds, through('wide__gauge_1', { gauge: 'broken' }), through('wide__gauge_2', { gauge: 'east' })],
      'The east gauge stands at 11.\nVERDICT: critical',
    );
    const id = await ops.schedule({ name: 'Told', kind: 'report', ...questions });
    await ops.run(id);
    const [report] = await ops.said(await ops.opened(/Told/));
    expect(report?.details).toEqual([
      {
        title: '🔴 critical: Is it dry?',
        text: [
          '**Verdict:** critical',
          '**Rule:** critical above 9',
          '**Seen:** The east gauge stands at 11.',
          '**Tools called:**\n- `wide__gauge_1` with `{"gauge":"broken"}`: failed\n- `wide__gauge_2` with `{"gauge":"east"}`: ok',
        ].join('\n\n'),
      },
    ]);
    const history = runsSchema.parse(await ops.get(`${rest}/schedules/${id}/runs/`));
    expect(history.runs[0]?.checks).toEqual([
      {
        ...{ question: 'Is it dry?', rule: 'critical above 9', verdict: 'critical', why: null },
        evidence: 'The east gauge stands at 11.',
        tools: [
          { tool: 'wide__gauge_1', arguments: '{"gauge":"broken"}', ok: false },
          { tool: 'wide__gauge_2', arguments: '{"gauge":"east"}', ok: true },
        ],
      },
    ]);
  });

  it('come back as people write them: the question first', async () => {
    const id = await ops.schedule({ name: 'Written', kind: 'report', ...questions });
    const answer = await ops.send(`${rest}/schedules/${id}/`, 'GET');
    expect(await answer.text()).toContain('"checks":[{"question":"Is it dry?","rule":"critical above 9"}]');
    const listed = await ops.send('/plugins/ai-ops/api/command/', 'POST', { line: 'schedules' });
    const list = await listed.text();
    expect(list).toContain('Health report');
    expect(list).not.toContain('clean_up');
  });

  it.each(['acknowledge', 'snooze'])(
    'that fail again after they were well are news, whatever somebody said (%s) of what failed with them',
    async (verb) => {
      let isDry = 'critical';
      ops.answers((request) => {
        if (!asked(request, '"role":"tool"')) return { calls: [through('wide__gauge_2', { gauge: 'east' })] };
        return { text: `VERDICT: ${asked(request, 'Is it dry?') ? isDry : 'critical'}` };
      });
      const name = `Twice ${verb}`;
      const checks = [{ question: 'Is it dry?' }, { question: 'Is it warm?' }];
      const id = await ops.schedule({ name, kind: 'report', checks });
      await ops.run(id);
      const [first] = await ops.said(await ops.opened(new RegExp(name)));
      const said = { verb, ...(verb === 'snooze' ? { minutes: 600 } : {}) };
      expect(await ops.attend(first?.concern?.id, said)).toBe(200);
      isDry = 'ok';
      await ops.run(id);
      expect(await textOf(new RegExp(name))).toMatch(/by Admin token: .*Is it warm\?/);
      isDry = 'critical';
      await ops.run(id);
      const text = await textOf(new RegExp(name));
      expect(text).toMatch(/needs? attention/);
      expect(text).toContain('🔴 Is it dry? — critical _(was ok)_');
      expect(text).not.toContain('🔴 Is it warm?');
    },
  );

  it('are turns of the bot’s own, which the next report counts apart', async () => {
    ops.answers(() => ({ fault: { type: 'http', refusal: 'unauthorized' } }));
    const id = await ops.schedule({ name: 'Counted', kind: 'report', ...questions });
    await ops.run(id);
    await ops.stage.ask('hello').catch(() => undefined);
    await ops.run(id);
    const text = await textOf(/Counted/);
    expect(text).toContain('| Turns | 2, 1 of them its own checks (of the others 1 failed) |');
    expect(text).toContain('1 of 1 turns failed');
  });
});
