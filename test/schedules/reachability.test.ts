import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ops, openOps, rest } from './ops-stage.ts';

/** What a model's server says of itself, without a token spent. */
describe('whether models can be reached', () => {
  let ops: Ops;
  beforeAll(async () => {
    ops = await openOps();
    // The first report looks as well.
    await ops.opened(/Health Report/);
    await ops.stopClock('Health Report');
  });
  afterAll(() => ops?.stage.close());

  const looks = () => ops.stage.llm.looks.length;
  const watch = (name: string, watches: string) =>
    ops.schedule({ name, kind: 'monitor', watches, confirmations: 1 });

  it('is told by a report, which calls no model for it', async () => {
    const [asked, called] = [looks(), ops.stage.llm.requests.length];
    const id = await ops.schedule({ name: 'Reach', kind: 'report' });
    await ops.run(id);
    const first = (await ops.said(await ops.opened(/Reach/)))[0]?.text ?? '';
    expect(first).toMatch(/\| `[^`]+` \| reachable · no calls \|/);
    expect(looks()).toBe(asked + 1);

    ops.stage.llm.lists({ refusal: 'unauthorized' });
    await ops.run(id);
    const second = (await ops.said(await ops.opened(/Reach/)))[0]?.text ?? '';
    expect(second).toMatch(
      /\*\*Changed since [^*]+\*\*\n- 🔴 `[^`]+` refuses its key .*HTTP 401.* was ok\)_/,
    );
    expect(second).not.toContain('test-key');

    ops.stage.llm.lists({ isMissing: true });
    await ops.run(id);
    const third = (await ops.said(await ops.opened(/Reach/)))[0]?.text ?? '';
    expect(third).toMatch(/- ⚪ `[^`]+` may be reachable or not: .* was critical\)_/);
    expect(ops.stage.llm.requests).toHaveLength(called);
  });

  it('is one look for all models of a server and a key, whoever answers by default', async () => {
    ops.stage.llm.lists({});
    const [model] = [await ops.named('llm-models', 'gpt-6.1-sol')];
    const config = { base_url: `${ops.stage.llm.url}/v1`, api: 'chat' };
    const values = { llm_provider: 'openai', model_secret_key: 'env:OPENAI_API_KEY', model_config: config };
    expect(model).toBeDefined();
    const made = await ops.send(`${rest}/llm-models/`, 'POST', { name: 'second', ...values });
    expect(made.status, await made.clone().text()).toBe(201);
    const asked = looks();
    await ops.run(await ops.schedule({ name: 'Both', kind: 'report' }));
    const report = (await ops.said(await ops.opened(/Both/)))[0]?.text ?? '';
    expect(report).toContain('| `gpt-6.1-sol` | reachable');
    expect(report).toContain('| `second` | reachable');
    expect(looks()).toBe(asked + 1);
  });

  it('is what a monitor of the model looks at, and no other one', async () => {
    const [model, host, queue] = await Promise.all([
      watch('Model', 'model'),
      watch('Host', 'host'),
      watch('Queue', 'queue'),
    ]);
    ops.stage.llm.lists({});
    const asked = looks();
    expect((await ops.run(host))?.outcome).toBe('done');
    expect((await ops.run(queue))?.outcome).toBe('done');
    expect(looks()).toBe(asked);
    expect((await ops.run(model))?.summary).toBe('verdict ok');
    expect(looks()).toBe(asked + 1);
    ops.stage.llm.lists({ refusal: 'overloaded' });
    expect((await ops.run(model))?.summary).toBe('said opened, verdict critical');
    const [opening] = await ops.said(await ops.opened(/Model: critical/));
    expect(opening?.text).toMatch(/🔴 `[^`]+` cannot be reached/);
  });
});
