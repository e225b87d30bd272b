import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../fakes/ports.ts';
import { openStage, type Stage } from './stage.ts';

/** What the vendor says may hold secrets and addresses, so only LAB shows it. */
describe.each([
  { environment: 'LAB', shows: true },
  { environment: 'PROD', shows: false },
])('in $environment', ({ environment, shows }) => {
  let stage: Stage;
  let dead: Stage;
  beforeAll(async () => {
    const env = { AI_OPS_ENV: environment };
    stage = await openStage({ env });
    dead = await openStage({ env, modelUrl: `http://127.0.0.1:${await freePort()}` });
  });
  afterAll(async () => {
    await Promise.all([stage.close(), dead.close()]);
  });

  it(`the vendor’s own words are ${shows ? 'shown' : 'kept in the log'}`, async () => {
    stage.llm.script({ fault: { type: 'http', refusal: 'unauthorized' } });
    const answer = await stage.ask('hello', 't');
    expect(answer).toMatchObject({ http: 502, code: 'auth', reference_id: answer.turn_id });
    expect(answer.response).toContain('The model provider refused the API key.');
    expect(answer.response.includes('HTTP 401')).toBe(shows);
    expect(answer.response).not.toContain('sk-test');
  });

  it('a vendor that cannot be reached is named as that', async () => {
    const answer = await dead.ask('hello', 't');
    expect(answer).toMatchObject({ http: 502, code: 'network' });
    expect(answer.response).toContain('The model provider cannot be reached.');
    expect(answer.response.includes('127.0.0.1') || answer.response.includes('ECONNREFUSED')).toBe(shows);
  });
});
