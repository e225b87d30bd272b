/**
 * A program that is a small Slack: the double of the tests, and people in it who write direct messages. It says
 * what the bot needs to know, and delivers to where it is told.
 */
import { z } from 'zod';
import { people } from '../test/fakes/slack/people.ts';
import { startFakeSlack } from '../test/fakes/slack/server.ts';
import { serve } from './program.ts';

const questions = z.discriminatedUnion('type', [
  z.object({ type: z.literal('deliver_to'), url: z.string() }),
  /** Somebody writes in their thread; answered when the bot has acknowledged. */
  z.object({ type: z.literal('say'), person: z.number(), words: z.string() }),
]);

const slack = await startFakeSlack();
const who = people(slack);
const threads = new Map<number, ReturnType<typeof begin>>();

function begin(person: number) {
  const user = who.user(`person${person}`);
  return { user, channel: who.dm(user), thread: '' };
}

async function say(person: number, words: string): Promise<void> {
  const place = threads.get(person) ?? begin(person);
  const { user, channel, thread } = place;
  const said = await who.say(user, thread === '' ? { channel } : { channel, thread }, words);
  threads.set(person, { ...place, thread: thread === '' ? said.ts : thread });
}

serve({
  ready: { team: slack.workspace.team, env: slack.env },
  answer(raw) {
    const question = questions.parse(raw);
    return question.type === 'say' ? say(question.person, question.words) : slack.deliverTo(question.url);
  },
  close: slack.close,
});
