import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until, whenConnected } from '../../bot/stage.ts';
import { openTeamsStage, type TeamsStage, wordsOf } from './stage.ts';

let at: TeamsStage;
/** The tool `ops__look` answers once this is called. */
let looked: () => void = () => {};
beforeAll(async () => {
  at = await openTeamsStage({
    reply: () => ({ text: 'Afterwards.' }),
    servers: [
      {
        name: 'ops',
        isTrusted: true,
        define: (server) =>
          server.registerTool(
            'look',
            { description: 'Looks for long.', annotations: { readOnlyHint: true } },
            async () => {
              await new Promise<void>((resolve) => {
                looked = resolve;
              });
              return { content: [{ type: 'text', text: 'all is well' }] };
            },
          ),
      },
    ],
  });
  await whenConnected(at.stage, 'ops');
}, 240_000);
afterAll(async () => await at.close());
beforeEach(() => at.teams.faults.clear());

const texts = (conversation: string) => at.people.heard(conversation).map((message) => wordsOf(message));
const metrics = async () => await (await at.stage.bot.fetch('/metrics')).text();
const repeated = async () =>
  Number(/possibly_repeated\S*\{[^}]*teams[^}]*\} (\d+)/.exec(await metrics())?.[1] ?? 0);
const failures = () => at.teams.calls.filter(({ outcome }) => outcome !== 'ok').length;

describe('an outage of Teams', () => {
  it('loses nothing: the answers come afterwards, in their order', async () => {
    const { conversation } = await at.people.mention(at.alice, at.ops, 'before');
    await at.answers(conversation);
    for (const operation of ['send', 'update'] as const)
      at.teams.faults.add(operation, { type: 'http', status: 503, times: 1000 });
    at.stage.llm.script({ text: 'One.' }, { text: 'Two.' });
    const before = failures();
    await at.people.mention(at.alice, conversation, 'one');
    await at.people.mention(at.bob, conversation, 'two');
    await until(() => failures() > before + 2);
    at.teams.faults.clear();
    await at.answers(conversation, 3);
    const order = ['Afterwards.', 'One.', 'Two.'].map((words) =>
      texts(conversation).findIndex((said) => said.includes(words)),
    );
    expect(order).toEqual([0, 1, 2]);
  });

  it('whose answer came through without a word of it is repeated, marked and counted', async () => {
    const before = await repeated();
    const { conversation } = await at.people.mention(at.alice, at.ops, 'help');
    await until(() => texts(conversation).length > 0);
    at.stage.llm.script({ text: 'Only once, I hope.' });
    // The typing sign goes first.
    at.teams.faults.add('send', { type: 'slow', latencyMs: 1 });
    at.teams.faults.add('send', { type: 'cut_after' });
    await at.people.mention(at.alice, conversation, 'how often');
    const found = () => texts(conversation).filter((said) => said.includes('Only once, I hope.'));
    await until(() => found().length === 2);
    expect(found()[0]).not.toContain('repetition');
    expect(found()[1]).toContain('This may be a repetition.');
    await until(async () => (await repeated()) === before + 1);
  });

  it('that is a storm of 429 ends in one complete answer', async () => {
    at.teams.faults.add('send', { type: 'rate_limit', seconds: 1, times: 4 });
    at.teams.faults.add('update', { type: 'rate_limit', seconds: 1, times: 4 });
    at.stage.llm.script({ text: 'Through the storm.', thinkMs: 500 });
    const chat = at.people.personal(at.alice);
    await at.people.say(at.alice, chat, 'are you there');
    await until(() => texts(chat).some((said) => said.includes('Through the storm.')));
    await at.answers(chat);
    await at.people.say(at.alice, chat, 'and now');
    await at.answers(chat, 2);
    expect(texts(chat).filter((said) => said.includes('Through the storm.'))).toHaveLength(1);
    expect(texts(chat).join('\n')).not.toContain('repetition');
  });
});

describe('Stop below a stream', () => {
  it('stops the turn on behalf of who pressed it', async () => {
    const chat = at.people.personal(at.bob);
    at.stage.llm.script({ text: ['It begins. ', 'And so on. '], fault: { type: 'stall', afterFrames: 3 } });
    await at.people.say(at.bob, chat, 'tell me everything');
    await until(() =>
      at.people.heard(chat).some(({ stream }) => stream?.text.startsWith('It begins') === true),
    );
    at.people.stop(at.bob, chat);
    await until(() => texts(chat).some((said) => said.includes('Stopped by Bob')));
    expect(at.people.heard(chat)).toHaveLength(1);
  });
});

describe('a stream that Teams ends after two minutes', () => {
  it('goes on in the same message, and ends in one complete answer', async () => {
    const carol = at.people.user('Carol');
    const chat = at.people.personal(carol);
    at.stage.llm.script(
      { text: 'I look first.', calls: [{ name: 'ops__look', arguments: '{}' }] },
      { text: 'All of it is well.' },
    );
    await at.people.say(carol, chat, 'look at everything');
    const stream = () => at.people.heard(chat)[0]?.stream;
    await until(() => stream()?.text.startsWith('I look') === true);
    at.teams.skip(121_000);
    // The next request finds out.
    await until(() => stream()?.state === 'exceeded');
    looked();
    await at.answers(chat);
    expect(at.people.heard(chat)).toHaveLength(1);
    expect(texts(chat)[0]).toContain('All of it is well.');
  });
});

describe('a message that Teams sends again because the acknowledgement was late', () => {
  it('is answered once', async () => {
    const { patience } = at.teams;
    const before = { ...patience };
    Object.assign(patience, { ackMs: 1, resendDelaysMs: [0, 0, 50] });
    const { conversation, activity, tries } = await at.people.mention(at.alice, at.ops, 'only one answer');
    expect(tries.length).toBeGreaterThan(1);
    Object.assign(patience, before);
    expect((await at.people.deliver(activity)).at(-1)?.status).toBe(200);
    await at.answers(conversation);
    await at.people.mention(at.alice, conversation, 'and the next');
    await at.answers(conversation, 2);
    expect(at.people.heard(conversation)).toHaveLength(2);
  });
});
