import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { failure } from '../../src/providers/failures.ts';
import { modelLoader } from '../../src/providers/load.ts';
import type { ModelRow } from '../../src/resources/port.ts';
import { type StrictLlm, startStrictLlm } from '../fakes/llm/server.ts';
import { silentLog } from '../fakes/log.ts';
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

  function open() {
    const resolveSecret = async (reference: string) => {
      const secret = secrets[reference];
      if (secret === undefined) throw new Error(`The secret ${reference} is not there.`);
      return secret;
    };
    return modelLoader({ resolveSecret, log: silentLog });
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

  it('says how much it may answer when that is configured', async () => {
    const limited = { ...row, id: '2', modelConfig: { max_tokens: 77 } };
    expect(await open().load(limited, 1)).toMatchObject({ maxOutputTokens: 77 });
    expect((await open().load(row, 1)).maxOutputTokens).toBeUndefined();
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
