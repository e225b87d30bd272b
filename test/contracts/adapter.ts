import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { conversationOf, type ServerOnStage, until } from '../bot/stage.ts';
import { createPostgresDatabase } from '../fakes/database.ts';
import type { ScriptedReply } from '../fakes/llm/script.ts';
import { concernContract } from './concerns.ts';
import type { Killable, OnPlatform, Platform } from './platform.ts';

/** What a platform has nothing of is no test there. */
const unproved = (_words: string, _prove: () => Promise<void>): void => {};

/** What every platform's adapter does, proved on its double by the same words. */
export function adapterContract(platform: Platform): void {
  describe(`${platform.name}: the contract of adapters`, () => {
    let at: OnPlatform;
    let restarted: string[] = [];
    let databaseUrl = '';
    beforeAll(async () => {
      databaseUrl = await createPostgresDatabase('migrated');
      at = await platform.open({
        env: { DATABASE_URL: databaseUrl },
        reply: answer,
        servers: [opsServer((service) => void restarted.push(service))],
      });
    }, 240_000);
    afterAll(async () => await at.close());

    const requests = () => at.llm.requests.length;
    const seen = (n = -1) => conversationOf(at.llm.requests.at(n)).join('\n');
    const answers = async (thread: string) => (await at.heard(thread)).filter((words) => isAnswer(words));

    /** Asks what is asked last of all, so that what came before it is settled. */
    async function heardAfter(thread: string, words: string, count: number): Promise<readonly string[]> {
      await at.say(thread, words);
      await until(async () => (await answers(thread)).some((said) => said.includes(`Re: ${words}.`)));
      const heard = await answers(thread);
      expect(heard).toHaveLength(count);
      return heard;
    }

    async function answered(thread: string, words: string): Promise<void> {
      await until(async () => (await at.heard(thread)).some((said) => said.includes(words)));
    }

    it('one message has exactly one answer, in its own conversation', async () => {
      const [one, two] = [await at.begin('what is one'), await at.begin('what is two')];
      await answered(one.thread, 'Re: what is one.');
      await answered(two.thread, 'Re: what is two.');
      const heard = await heardAfter(one.thread, 'that is all', 2);
      expect(heard.join('\n')).not.toContain('what is two');
      expect(await answers(two.thread)).toHaveLength(1);
    });

    it('a message that is delivered again and again has one answer', async () => {
      const before = requests();
      const said = await at.begin('say it once');
      await Promise.all([at.deliverAgain(said), at.deliverAgain(said)]);
      await answered(said.thread, 'Re: say it once.');
      await at.deliverAgain(said);
      await heardAfter(said.thread, 'nothing more', 2);
      expect(requests()).toBe(before + 2);
    });

    it('a follow-up knows what was said before', async () => {
      const { thread } = await at.begin('remember the number 4711');
      await answered(thread, 'Re: remember the number 4711.');
      await at.say(thread, 'which number');
      await answered(thread, 'Re: which number.');
      for (const words of ['remember the number 4711', 'Re: remember the number 4711.', 'which number'])
        expect(seen()).toContain(words);
    });

    it('what is said while it runs is heard, in its order', async () => {
      const before = requests();
      at.llm.script({ text: 'Re: the first.', thinkMs: 1500 });
      const { thread } = await at.begin('the first');
      await until(() => requests() > before);
      await at.say(thread, 'the second');
      await at.say(thread, 'the third');
      await until(() => seen().includes('the third'));
      await answered(thread, 'Re: the third.');
      const order = ['the first', 'the second', 'the third'].map((words) => seen().indexOf(words));
      expect(order).toEqual([...order].sort((a, b) => a - b));
      expect(order).not.toContain(-1);
    });

    const among = platform.isAlone === true ? unproved : it;
    const edited = platform.isFinal === true ? unproved : it;

    among('somebody else’s message waits for a turn of its own', async () => {
      const before = requests();
      at.llm.script({ text: 'Re: mine.', thinkMs: 1500 });
      const { thread } = await at.begin('mine');
      await until(() => requests() > before);
      await at.say(thread, 'theirs', 'other');
      await answered(thread, 'Re: mine.');
      await answered(thread, 'Re: theirs.');
      expect(requests()).toBe(before + 2);
      expect(seen(before)).not.toContain('theirs');
      const heard = await answers(thread);
      expect(heard.findIndex((words) => words.includes('Re: mine.'))).toBeLessThan(
        heard.findIndex((words) => words.includes('Re: theirs.')),
      );
    });

    it('a turn is stopped by the asker, and says so', async () => {
      const before = requests();
      at.llm.script({ text: 'never said', thinkMs: 60_000 });
      const { thread } = await at.begin('take your time');
      await until(() => requests() > before);
      await at.stop(thread);
      await answered(thread, 'Stopped by');
      expect((await at.heard(thread)).join('\n')).not.toContain('never said');
    });

    it('what changes something is asked about; who may not decide is refused; it runs once', async () => {
      restarted = [];
      at.llm.script({ calls: [{ name: 'ops__restart', arguments: '{"service":"web1"}' }] });
      const { thread } = await at.begin('restart web1');
      await until(async () => (await at.outcome(thread)) === 'pending');
      await at.decide(thread, 'nobody', 'approve');
      await until(async () => await at.wasRefused(thread));
      expect(await at.outcome(thread)).toBe('pending');
      expect(restarted).toEqual([]);
      await at.decide(thread, 'approver', 'approve');
      await answered(thread, 'Re: restart web1.');
      await until(async () => (await at.outcome(thread)) === 'approved');
      expect(restarted).toEqual(['web1']);
      expect(seen()).toContain('restarted web1');
    });

    it('what is denied does not run', async () => {
      restarted = [];
      at.llm.script({ calls: [{ name: 'ops__restart', arguments: '{"service":"db1"}' }] });
      const { thread } = await at.begin('restart db1');
      await until(async () => (await at.outcome(thread)) === 'pending');
      await at.decide(thread, 'approver', 'deny');
      await answered(thread, 'Re: restart db1.');
      await until(async () => (await at.outcome(thread)) === 'denied');
      expect(restarted).toEqual([]);
    });

    it('what is changed runs as it was changed, and the question shows how', async () => {
      restarted = [];
      at.llm.script({ calls: [{ name: 'ops__restart', arguments: '{"service":"web1"}' }] });
      const { thread } = await at.begin('restart the one');
      await until(async () => (await at.outcome(thread)) === 'pending');
      expect(await at.approveAs(thread, 'web 2')).toContain('This must match');
      expect(await at.outcome(thread)).toBe('pending');
      expect(await at.approveAs(thread, 'web2')).toBe('');
      await answered(thread, 'Re: restart the one.');
      await until(async () => (await at.outcome(thread)) === 'edited');
      expect(await at.question(thread)).toContain('web2');
      expect(restarted).toEqual(['web2']);
      expect(seen()).toContain('ran with {"service":"web2"}');
    });

    it('what is answered by a person does not run, and their words are the result', async () => {
      restarted = [];
      at.llm.script({ calls: [{ name: 'ops__restart', arguments: '{"service":"web3"}' }] });
      const { thread } = await at.begin('restart the third');
      await until(async () => (await at.outcome(thread)) === 'pending');
      await at.respond(thread, 'It was restarted by hand.');
      await answered(thread, 'Re: restart the third.');
      await until(async () => (await at.outcome(thread)) === 'answered');
      expect(await at.question(thread)).toContain('It was restarted by hand.');
      expect(restarted).toEqual([]);
      expect(seen()).toContain('It was restarted by hand.');
    });

    it('an error is a clear word with its reference id', async () => {
      at.llm.script({ fault: { type: 'http', refusal: 'unauthorized' } });
      const { thread } = await at.begin('this fails');
      await answered(thread, 'Reference: ');
      expect((await at.heard(thread)).join('\n')).toMatch(
        /Reference: [0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/,
      );
    });

    it('a long answer arrives whole', async () => {
      const paragraphs = Array.from(
        { length: 60 },
        (_unused, n) => `Paragraph ${n}: ${'all is well here, '.repeat(25)}.`,
      );
      at.llm.script({ text: paragraphs.join('\n\n') });
      const { thread } = await at.begin('tell me all');
      await answered(thread, 'Paragraph 59:');
      await at.say(thread, 'is that all');
      await answered(thread, 'Re: is that all.');
      const said = (await at.heard(thread)).join('\n');
      for (let n = 0; n < 60; n += 1) expect(said.split(`Paragraph ${n}:`)).toHaveLength(2);
    });

    it('what could reach somebody who is not meant reaches nobody', async () => {
      at.llm.script({
        text: 'Careful: <!channel> <!here> <@UBOB> <at>Bob</at> @everyone @channel <b>x</b>. Done.',
      });
      const { thread } = await at.begin('whom do you call');
      await answered(thread, 'Done.');
      expect(await at.pinged(thread)).toBe(false);
    });

    edited('what the asker changed is what later turns know', async () => {
      const said = await at.begin('look at db1');
      await answered(said.thread, 'Re: look at db1.');
      await at.edit?.(said, 'look at db2');
      await at.say(said.thread, 'well');
      await answered(said.thread, 'Re: well.');
      expect(seen()).toContain('look at db2');
      expect(conversationOf(at.llm.requests.at(-1))[0]).not.toContain('look at db1');
    });

    edited('what the asker took back stops its turn and is forgotten', async () => {
      const { thread } = await at.begin('hello there');
      await answered(thread, 'Re: hello there.');
      const before = requests();
      at.llm.script({ text: 'never said', thinkMs: 60_000 });
      const said = await at.say(thread, 'never mind this');
      await until(() => requests() > before);
      await at.remove?.(said);
      await answered(thread, 'topped');
      await at.say(thread, 'and now');
      await answered(thread, 'Re: and now.');
      expect(seen()).not.toContain('never mind this');
    });

    concernContract(
      () => at.attention,
      () => databaseUrl,
    );
  });

  describe(`${platform.name}: killed in the middle of an answer`, () => {
    let at: Killable;
    beforeAll(async () => {
      at = await platform.openKillable();
    }, 240_000);
    afterAll(async () => await at.close());

    it('ends in one complete answer', async () => {
      const words = Array.from({ length: 30 }, (_unused, n) => `word${n} `);
      await at.restart();
      at.llm.script({ text: words.slice(0, 10), fault: { type: 'stall', afterFrames: 8 } });
      const { thread } = await at.begin('tell me all');
      await until(async () => await at.shows(thread, 'word2'), 60_000);
      at.llm.script({ text: words });
      await at.restart();
      const isWhole = (said: string) => said.includes(words.join('').trim());
      await until(async () => (await at.heard(thread)).some(isWhole), 90_000);
      const heard = await at.heard(thread);
      if (platform.canTell) expect(heard).toHaveLength(1);
      else expect(heard.filter(isWhole).length).toBeLessThanOrEqual(2);
      for (const said of heard) expect(said.split('word0 ')).toHaveLength(2);
    }, 240_000);
  });
}

/** Names what it was asked last, so that each answer tells which message it is of. */
function answer(request: { readonly body: unknown }): ScriptedReply {
  const asked = conversationOf(request).findLast((line) => line.startsWith('user: ')) ?? '';
  const words = asked.split('\n').at(-1) ?? '';
  return { text: `Re: ${words.replace(/^(?:user: )?(?:[A-Za-z]+: )?/, '')}.` };
}

function isAnswer(words: string): boolean {
  return words.includes('Re: ');
}

function opsServer(restarted: (service: string) => void): ServerOnStage {
  return {
    name: 'ops',
    isTrusted: false,
    define: (server) =>
      server.registerTool(
        'restart',
        { description: 'Restarts a service.', inputSchema: { service: z.string().regex(/^[a-z0-9]+$/) } },
        async ({ service }) => {
          restarted(service);
          return { content: [{ type: 'text', text: `restarted ${service}` }] };
        },
      ),
  };
}
