import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onDatabases, openStage, type Stage } from './stage.ts';

describe.each(Object.entries(onDatabases))('a repeated request, on %s', (_name, env) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({ env: await env(), reply: () => ({ text: 'once', thinkMs: 50 }) });
  });
  afterAll(() => stage.close());

  const withKey = (key: string) => ({ 'idempotency-key': key });

  it('with the same key is the same turn, before and after its end', async () => {
    const key = withKey(randomUUID());
    const before = stage.llm.requests.length;
    const first = await Promise.all([stage.ask('do it', 't', key), stage.ask('do it', 't', key)]);
    const later = await stage.ask('do it', 't', key);
    expect(new Set([...first, later].map((answer) => answer.turn_id)).size).toBe(1);
    expect(later).toMatchObject({ http: 200, response: 'once' });
    expect(stage.llm.requests.length).toBe(before + 1);
  });

  it('with the same key and another body is refused', async () => {
    const key = withKey(randomUUID());
    await stage.ask('do it', 't', key);
    expect(await stage.ask('do something else', 't', key)).toMatchObject({
      http: 409,
      code: 'idempotency_conflict',
    });
    expect(await stage.ask('do it', 'u', key)).toMatchObject({ http: 409 });
  });

  it('without a key is another turn', async () => {
    const [one, two] = [await stage.ask('again', 'v'), await stage.ask('again', 'v')];
    expect(one.turn_id).not.toBe(two.turn_id);
  });
});
