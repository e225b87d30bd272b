import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../bot/stage.ts';
import { arrivalOf } from '../../fakes/teams/arrivals.ts';
import { configured, faulty, forgiving } from '../../scenarios/forgiving.ts';
import { run } from '../../scenarios/run.ts';
import { teamsFace } from './face.ts';
import { openTeamsStage, type TeamsStage, wordsOf } from './stage.ts';

let at: TeamsStage;
beforeAll(async () => {
  at = await openTeamsStage({ reply: () => ({ text: 'OK.' }) });
}, 240_000);
afterAll(async () => await at.close());

const everything = async () => await configured((path) => at.stage.bot.fetch(path));

async function heardSince(conversation: string, before: number): Promise<string> {
  await until(() => at.people.heard(conversation).length > before, 30_000);
  return at.people.heard(conversation).slice(before).map(wordsOf).join('\n');
}

describe('words that are nearly commands, on Teams', () => {
  it('go as the scenario says', async () => {
    await run(forgiving, teamsFace(at), {});
  }, 120_000);

  it('are commands as they are where fields are called as people call them', async () => {
    const chat = at.people.personal(at.bob);
    const before = at.people.heard(chat).length;
    await at.people.say(at.bob, chat, 'models add provider=openai name=eta enabled=no');
    expect(await heardSince(chat, before)).toContain('is made');
    const heard = at.people.heard(chat).length;
    const { conversation } = await at.people.mention(at.bob, at.ops, 'models list provider=openai');
    expect(await heardSince(chat, heard)).toContain('eta');
    expect(conversation).not.toBe(chat);
  });
});

describe('500 faulty lines', () => {
  it('change nothing for who may not, and each gets an answer, by buttons and by messages', async () => {
    const before = await everything();
    const chat = at.people.personal(at.alice);
    for (const [n, line] of faulty(500).entries()) {
      // Teams lets nobody say so much at once: most of them come as a card's action does.
      if (n % 25 > 0) {
        const more = {
          name: 'adaptiveCard/action',
          value: { action: { verb: 'admin_line', data: { line } } },
        };
        const arrived = arrivalOf(at.teams, { type: 'invoke', conversation: chat, user: at.alice, more });
        const { status, body } = await at.teams.delivery.invoke(arrived);
        expect(status, line).toBe(200);
        expect(JSON.stringify(body), line).toMatch(/"(value|text)":"[^"]*[A-Za-z]{2}/);
      } else {
        const heard = at.people.heard(chat).length;
        await at.people.say(at.alice, chat, `/aiops ${line}`);
        expect((await heardSince(chat, heard)).trim(), line).not.toBe('');
      }
    }
    expect(await everything()).toBe(before);
  }, 300_000);
});
