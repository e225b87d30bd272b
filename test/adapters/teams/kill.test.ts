import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../bot/stage.ts';
import type { Killable } from '../../contracts/platform.ts';
import { openKillableTeams } from '../../contracts/teams.ts';

/** A process is killed while it shows a preview in a channel; another one on the same database goes on. */
describe('killed while a message of a channel is edited', () => {
  let at: Killable;
  beforeAll(async () => {
    at = await openKillableTeams('channel');
  }, 240_000);
  afterAll(async () => await at.close());

  it('ends in one complete answer, in that message', async () => {
    const words = Array.from({ length: 30 }, (_unused, n) => `word${n} `);
    const whole = words.join('').trim();
    await at.restart();
    at.llm.script({ text: words.slice(0, 10), fault: { type: 'stall', afterFrames: 8 } });
    const { thread } = await at.begin('tell me all');
    await until(async () => await at.shows(thread, 'word2'), 60_000);
    at.llm.script({ text: words });
    await at.restart();
    await until(async () => (await at.heard(thread)).some((said) => said.includes(whole)), 90_000);
    const heard = await at.heard(thread);
    expect(heard).toHaveLength(1);
    expect(heard[0]?.split('word0 ')).toHaveLength(2);
  }, 240_000);
});
