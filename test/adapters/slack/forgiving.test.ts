import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../bot/stage.ts';
import { configured, faulty, forgiving } from '../../scenarios/forgiving.ts';
import { run } from '../../scenarios/run.ts';
import { slackFace } from './face.ts';
import { openSlackStage, type SlackStage } from './stage.ts';

const key = 'sk-abcdefghijklmnopqrstuvwx';

let at: SlackStage;
beforeAll(async () => {
  at = await openSlackStage({ reply: () => ({ text: 'OK.' }) });
}, 240_000);
afterAll(async () => await at.close());

const everything = async () => await configured((path) => at.stage.bot.fetch(path));
const asked = () => JSON.stringify(at.stage.llm.requests.map(({ body }) => body));

describe('words that are nearly commands, on Slack', () => {
  it('go as the scenario says', async () => {
    await run(forgiving, slackFace(at), {});
  }, 120_000);

  it('are no question to the channel', async () => {
    const before = at.people.heard({ channel: at.ops }).length;
    for (const line of ['docter', 'usge', 'undoo last', 'set-default zeta', 'disabled models'])
      expect(JSON.stringify((await at.people.command(at.bob, at.ops, line)).body), line).toContain(
        'Did you mean',
      );
    expect(at.people.heard({ channel: at.ops })).toHaveLength(before);
  });

  it('are commands in a thread where fields are called as people call them', async () => {
    const told = () => JSON.stringify(at.people.notices(at.bob, at.ops));
    await at.people.mention(at.bob, { channel: at.ops }, 'models add provider=openai name=eta enabled=no');
    await expect.poll(told).toContain('**eta** is made');
    const { ts } = await at.people.mention(at.bob, { channel: at.ops }, 'models list colour=openai');
    await at.answers(ts);
  });
});

describe('a question that holds a key', () => {
  it.each([`ask my key is ${key}`, `why does ${key} not work?`])(
    '“/aiops %s” is repeated nowhere, and its writer is told why',
    async (line) => {
      const before = at.people.heard({ channel: at.ops }).length;
      const { body } = await at.people.command(at.alice, at.ops, line);
      expect(JSON.stringify(body)).toContain('looks like a key');
      expect(JSON.stringify(body)).toContain('ephemeral');
      expect(JSON.stringify(body)).not.toContain(key);
      expect(at.people.heard({ channel: at.ops })).toHaveLength(before);
      expect(asked()).not.toContain(key);
    },
  );

  it('is refused at its field where it is asked about a message', async () => {
    const { ts } = await at.people.alert({ channel: at.ops }, { text: 'CPU of node9 is high' });
    await at.people.shortcut(at.alice, { channel: at.ops, ts });
    await until(() => at.people.modal(at.alice)?.view.callback_id === 'ask_about_message');
    const modal = at.people.modal(at.alice);
    if (modal === undefined) throw new Error('no modal');
    const { body } = await at.people.submit(at.alice, modal, { question: `is ${key} right?` });
    expect(JSON.stringify(body)).toMatch(/"errors":\{"question":"This holds what looks like a key/);
    expect(asked()).not.toContain(key);
    await at.people.submit(at.alice, modal, { question: 'why?' });
    await at.answers(ts);
  });
});

describe('500 faulty lines by the slash command', () => {
  it('change nothing for who may not, and each gets an answer', async () => {
    const before = await everything();
    for (const line of faulty(500)) {
      const posted = at.people.heard({ channel: at.ops }).length;
      const { status, body } = await at.people.command(at.alice, at.ops, line);
      expect(status, line).toBe(200);
      const isQuestion = at.people.heard({ channel: at.ops }).length > posted;
      if (!isQuestion) expect(JSON.stringify(body ?? ''), line).toMatch(/"text":"[^"]*[A-Za-z]{2}/);
    }
    expect(await everything()).toBe(before);
  }, 180_000);
});
