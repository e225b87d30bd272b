import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { failure } from '../../src/providers/failures.ts';
import { type LoaderOptions, modelLoader } from '../../src/providers/load.ts';
import type { ModelRow } from '../../src/resources/port.ts';
import { type StrictLlm, startStrictLlm } from '../fakes/llm/server.ts';
import { silentLog } from '../fakes/log.ts';
import { about, graph, report } from './file-parts.ts';
import { ask, hear } from './hear.ts';

describe('a configured model', () => {
  let llm: StrictLlm;
  let secrets: Record<string, string>;
  let row: ModelRow;
  beforeAll(async () => {
    llm = await startStrictLlm();
  });
  afterAll(() => llm.close());
  beforeEach(() => {
    secrets = { 'file:key': 'sk-first' };
    row = {
      id: '1',
      name: 'gpt-4.1',
      provider: 'openai',
      providerConfig: { base_url: `${llm.url}/v1`, api: 'chat' },
      modelConfig: {},
      secretReference: 'file:key',
    };
  });

  function open(more: Partial<Pick<LoaderOptions, 'testMs' | 'forgetSecret' | 'surroundings'>> = {}) {
    const resolveSecret = async (reference: string) => {
      const secret = secrets[reference];
      if (secret === undefined) throw new Error(`The secret ${reference} is not there.`);
      return secret;
    };
    return modelLoader({ resolveSecret, log: silentLog, ...more });
  }

  it('is made anew, with the secret as it is now, after its key was refused', async () => {
    const models = open();
    llm.script({ fault: { type: 'http', refusal: 'unauthorized' } }, { text: 'Hi.' });
    const first = await models.load(row, 1);
    expect((await hear(first.provider, ask('?'))).error).toMatchObject({ kind: 'auth' });
    secrets['file:key'] = 'sk-second';
    const second = await models.load(row, 1);
    expect(await hear(second.provider, ask('?'))).toMatchObject({ text: 'Hi.' });
    expect(llm.requests.at(-1)?.headers.authorization).toBe('Bearer sk-second');
    expect(await models.load(row, 1)).toBe(second);
  });

  it('tells which secret was refused, in a call and in a test, and no other failure', async () => {
    const forgotten: string[] = [];
    const models = open({ forgetSecret: (reference) => forgotten.push(reference) });
    llm.script({ fault: { type: 'http', refusal: 'model_not_found' } });
    await models.test(row);
    expect(forgotten).toEqual([]);
    llm.script({ fault: { type: 'http', refusal: 'unauthorized' } });
    await models.test(row);
    llm.script({ fault: { type: 'http', refusal: 'unauthorized' } });
    await hear((await models.load(row, 1)).provider, ask('?'));
    expect(forgotten).toEqual(['file:key', 'file:key']);
  });

  it('whose vendor searches no tools is not asked to', async () => {
    const deferred = { name: 'a__b', description: '', inputSchema: { type: 'object' }, isDeferred: true };
    const count = llm.requests.length;
    const { provider } = await open().load(row, 1);
    const heard = await hear(provider, ask('?', { tools: [deferred] }));
    expect(heard.error).toMatchObject({ kind: 'misconfigured' });
    expect(heard.error?.message).toContain('ProviderToolSearchMiddleware');
    expect(llm.requests).toHaveLength(count);
  });

  it('says how much it may answer when that is configured', async () => {
    const limited = { ...row, id: '2', modelConfig: { max_tokens: 77 } };
    expect(await open().load(limited, 1)).toMatchObject({ maxOutputTokens: 77 });
    expect((await open().load(row, 1)).maxOutputTokens).toBeUndefined();
  });

  it('is shown what an admin says that it can see', async () => {
    const seen = async (modelConfig: ModelRow['modelConfig']) => {
      llm.script({ text: 'I see.' });
      const { provider } = await open().load({ ...row, modelConfig }, 1);
      await hear(provider, about(graph, report));
      return JSON.stringify(llm.requests.at(-1)?.body);
    };
    for (const { data } of [graph, report]) expect(await seen({})).toContain(data);
    const blind = await seen({ input_images: false, input_pdfs: false });
    for (const { data } of [graph, report]) expect(blind).not.toContain(data);
    expect(blind).toContain('Disk full on web1');
    expect(blind).not.toContain('input_');
  });

  it.each([
    ['has a provider that nobody knows', { provider: 'nosuch' }, 'Unknown provider type: nosuch'],
    ['has a secret that is not there', { secretReference: 'env:GONE' }, 'The secret env:GONE is not there.'],
    ['has no key and needs one', { secretReference: '' }, 'No API key is configured'],
    ['has a wrong setting', { modelConfig: { max_tokens: -1 } }, 'max_tokens'],
  ])('that %s is not set up right', async (_what, wrong, problem) => {
    const models = open();
    const detail = expect.stringContaining(problem);
    expect(await models.check({ ...row, ...wrong })).toEqual({ status: 'failed', detail });
    await expect(models.load({ ...row, ...wrong }, 1)).rejects.toMatchObject({
      kind: 'misconfigured',
      message: detail,
    });
  });

  it('is tested by one small call', async () => {
    const before = llm.requests.length;
    llm.script({ text: 'OK', usage: { input: 9, output: 2 } });
    expect(await open().test({ ...row, temperature: 0.5 })).toEqual({
      ok: true,
      latencyMs: expect.any(Number),
      tokens: 11,
      text: 'OK',
    });
    expect(llm.requests).toHaveLength(before + 1);
    expect(llm.requests.at(-1)?.body).toMatchObject({
      model: 'gpt-4.1',
      temperature: 0.5,
      max_completion_tokens: 64,
      messages: [{ role: 'user', content: 'Reply with OK.' }],
    });
  });

  it('has passed its test even if it thought so long that it said nothing', async () => {
    llm.script({ stop: 'length', usage: { input: 9, output: 64 } });
    expect(await open().test(row)).toMatchObject({ ok: true, tokens: 73, text: '' });
  });

  it.each([
    ['unauthorized', 'auth', 'Check the API key'],
    ['model_not_found', 'not_found', 'Check the name of the model'],
    ['quota', 'quota_exhausted', 'Add credit'],
    ['rate_limited', 'rate_limited', 'Wait'],
    ['server_error', 'overloaded', 'try again later'],
  ] as const)(
    'has failed its test when the vendor says %s, and is not called again',
    async (refusal, kind, advice) => {
      const before = llm.requests.length;
      llm.script({ fault: { type: 'http', refusal } });
      expect(await open().test(row)).toEqual({
        ok: false,
        latencyMs: expect.any(Number),
        kind,
        detail: expect.stringContaining(advice),
      });
      expect(llm.requests).toHaveLength(before + 1);
    },
  );

  it('has failed its test when it does not answer in time', async () => {
    llm.script({ fault: { type: 'stall', before: 'headers' } });
    expect(await open({ testMs: 100 }).test(row)).toMatchObject({
      ok: false,
      kind: 'timeout',
      detail: expect.stringContaining('It did not answer within 0.1 s.'),
    });
  });

  it('does not show its key in what its test found, however the vendor repeats it', async () => {
    secrets['file:key'] = 'correct horse battery';
    const message = 'no such account: correct horse battery';
    llm.script({ fault: { type: 'stream_error', afterFrames: 1, message } });
    const failed = await open().test(row);
    expect(failed).toMatchObject({ ok: false, detail: expect.stringContaining('no such account: ***') });
    llm.script({ text: 'Your key is correct horse battery.' });
    expect(await open().test(row)).toMatchObject({ ok: true, text: 'Your key is ***.' });
  });

  it('does not show its key when the module that got it complains', async () => {
    const pluginsDir = await mkdtemp(join(tmpdir(), 'ai-ops-plugins-'));
    await mkdir(join(pluginsDir, 'providers'));
    const text = 'export default { create({ apiKey }) { throw new Error("bad: " + apiKey + "!"); } };';
    await writeFile(join(pluginsDir, 'providers', 'loud.js'), text);
    secrets['file:key'] = 'correct horse battery';
    const loud = { ...row, provider: 'custom', providerConfig: { module: 'loud.js' } };
    expect(await open({ surroundings: { pluginsDir } }).check(loud)).toEqual({
      status: 'failed',
      detail: expect.stringContaining('The module loud.js could not create its model: bad: ***!'),
    });
    await rm(pluginsDir, { recursive: true });
  });

  it.each([
    ['has a provider that nobody knows', { provider: 'nosuch' }, 'Unknown provider type: nosuch'],
    ['has a secret that is not there', { secretReference: 'env:GONE' }, 'The secret env:GONE is not there.'],
    ['has no key and needs one', { secretReference: '' }, 'No API key is configured'],
  ])('that %s fails its test without a call', async (_what, wrong, problem) => {
    const before = llm.requests.length;
    expect(await open().test({ ...row, ...wrong })).toMatchObject({
      ok: false,
      kind: 'misconfigured',
      detail: expect.stringContaining(problem),
    });
    expect(llm.requests).toHaveLength(before);
  });

  it('is checked without calling it', async () => {
    const before = llm.requests.length;
    expect(await open().check(row)).toEqual({ status: 'ok', detail: 'gpt-4.1' });
    expect(await open().check(undefined)).toEqual({ status: 'absent', detail: 'none configured' });
    expect(llm.requests).toHaveLength(before);
  });
});

describe('the message of a failure', () => {
  it.each([
    'Incorrect API key provided: abc123def',
    'api_key=abc123def.',
    'Bearer abc123def',
    'sk-abc123def',
  ])('holds no key: %s', (detail) => {
    expect(failure('Vendor', 'auth', detail).message).not.toContain('abc123');
  });

  it('keeps the words after a code that only sounds like one', () => {
    const { message } = failure('Vendor', 'auth', 'invalid_api_key: Incorrect API key provided: abc123.');
    expect(message).toContain('invalid_api_key: Incorrect API key provided: [key]');
  });
});
