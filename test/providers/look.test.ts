import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { anthropic } from '../../src/providers/anthropic.ts';
import { huggingface } from '../../src/providers/huggingface.ts';
import { modelLoader } from '../../src/providers/load.ts';
import { lookAtModels } from '../../src/providers/look.ts';
import { openai } from '../../src/providers/openai.ts';
import type { Vendor } from '../../src/providers/vendor.ts';
import type { ModelRow } from '../../src/resources/port.ts';
import { type StrictLlm, startStrictLlm } from '../fakes/llm/server.ts';
import { silentLog } from '../fakes/log.ts';
import {
  anthropicMessages,
  azureDeployment,
  azureResponses,
  customChat,
  huggingfaceRouter,
  ollamaNative,
  openaiChat,
  type Subject,
} from './subjects.ts';

const key = 'sk-test-0123456789abcdefghijklmnop';

/** A look at one model. */
async function lookAt(vendor: Vendor, withinMs = 2000) {
  const [look] = await lookAtModels([vendor], { make: async (one) => one, refused: () => {}, withinMs });
  return look;
}

describe.each<readonly [string, Subject, RegExp]>([
  ['OpenAI', openaiChat, /^\/v1\/models$/],
  ['Azure (v1)', azureResponses, /^\/openai\/v1\/models$/],
  ['Azure (deployment)', azureDeployment, /^\/openai\/models\?api-version=2024-10-21$/],
  ['Anthropic', anthropicMessages, /^\/v1\/models\?limit=1000$/],
  ['Hugging Face', huggingfaceRouter, /^\/router\/v1\/models$/],
  ['Ollama', ollamaNative, /^\/api\/tags$/],
  ['Custom', customChat, /^\/v1\/models$/],
])('a look at a model of %s', (_name, subject, path) => {
  let llm: StrictLlm;
  beforeEach(async () => {
    llm = await startStrictLlm({ apiKey: key });
  });
  afterEach(() => llm.close());

  it('asks once for its vendor’s list, with the key, and calls no model', async () => {
    llm.lists({ names: ['qwen3:8b'] });
    expect(await lookAt(await subject.open(llm.url))).toMatchObject({
      state: 'reachable',
      latencyMs: expect.any(Number),
    });
    expect(llm.looks.map((look) => look.path)).toEqual([expect.stringMatching(path)]);
    expect(llm.requests).toEqual([]);
  });

  it('says that a key is refused, without the key', async () => {
    llm.lists({ refusal: 'unauthorized' });
    const look = await lookAt(await subject.open(llm.url));
    expect(look).toMatchObject({ state: 'refused', kind: 'auth' });
    expect(JSON.stringify(look)).not.toContain(key);
    expect(llm.looks).toHaveLength(1);
  });

  it('says that a server is away, overloaded or silent', async () => {
    llm.lists({ refusal: 'overloaded' });
    const vendor = await subject.open(llm.url);
    expect(await lookAt(vendor)).toMatchObject({ state: 'unreachable', kind: 'overloaded' });
    llm.lists({ stalls: true });
    expect(await lookAt(vendor, 100)).toMatchObject({
      state: 'unreachable',
      kind: 'timeout',
      detail: expect.stringContaining('It did not answer within 0.1 s.'),
    });
    await llm.close();
    expect(await lookAt(vendor)).toMatchObject({ state: 'unreachable', kind: 'network' });
  });

  it('does not know where there is no list, or nobody may see it', async () => {
    const vendor = await subject.open(llm.url);
    for (const listed of [
      { isMissing: true },
      { refusal: 'forbidden' },
      { body: { hello: 'world' } },
    ] as const) {
      llm.lists(listed);
      expect(await lookAt(vendor), JSON.stringify(listed)).toMatchObject({ state: 'unknown' });
    }
  });
});

describe('whether a vendor has a model', () => {
  let llm: StrictLlm;
  beforeEach(async () => {
    llm = await startStrictLlm();
  });
  afterEach(() => llm.close());

  /** What its vendor’s own host would list, from the strict server. */
  const at = (prefix: string): typeof fetch => {
    return async (input, init) => {
      const { pathname, search } = new URL(String(input));
      return await fetch(`${llm.url}${prefix}${pathname}${search}`, init);
    };
  };
  const vendors = {
    openai: (model: string) => openai.create({ model, apiKey: key, config: {}, fetch: at('') }),
    anthropic: (model: string) => anthropic.create({ model, apiKey: key, config: {}, fetch: at('') }),
    huggingface: (model: string) =>
      huggingface.create({ model, apiKey: key, config: {}, fetch: at('/router') }),
    ollama: (model: string) => ollamaNative.open(llm.url, { model }),
    elsewhere: (model: string) => openaiChat.open(llm.url, { model }),
    azure: (model: string) => azureResponses.open(llm.url, { model }),
  } as const;
  const here = 'reachable';
  const gone = 'not_found';

  it.each<readonly [keyof typeof vendors, readonly string[], string, string, boolean]>([
    ['openai', ['gpt-4.1'], 'gpt-4.1', here, true],
    ['openai', ['gpt-4.1'], 'gpt-9', gone, true],
    ['anthropic', ['claude-sonnet-4-5-20250929'], 'claude-sonnet-4-5', here, true],
    ['anthropic', ['claude-sonnet-4-5-20250929'], 'claude-sonnet-4-5-20250101', gone, true],
    ['anthropic', ['claude-sonnet-4-20250514'], 'claude-sonnet-4-0', here, true],
    ['anthropic', ['claude-sonnet-5-5'], 'claude-sonnet-5', gone, true],
    ['huggingface', ['openai/gpt-oss-120b'], 'openai/gpt-oss-120b:fastest', here, true],
    ['huggingface', ['openai/gpt-oss-120b'], 'openai/gpt-oss-20b', gone, true],
    ['ollama', ['qwen3:8b', 'mistral:latest'], 'mistral', here, true],
    ['ollama', ['qwen3:8b'], 'qwen3', gone, true],
    ['ollama', ['qwen3:8b'], 'gpt-oss:120b-cloud', here, false],
    // What others run under the same API may answer to names that it does not list; Azure lists no deployments.
    ['elsewhere', ['llama'], 'gpt-4.1', here, false],
    ['azure', ['gpt-4.1'], 'our-deployment', here, false],
  ])('%s that lists %j: %s is %s', async (name, names, model, state, isListed) => {
    llm.lists({ names });
    const look = await lookAt(await vendors[name](model));
    expect(look).toMatchObject({ state, ...(state === here ? { isListed } : { kind: 'not_found' }) });
  });
});

describe('a look at many models', () => {
  let llm: StrictLlm;
  let secrets: Record<string, string>;
  let forgotten: string[];
  beforeEach(async () => {
    llm = await startStrictLlm();
    secrets = { 'file:one': 'key-one', 'file:two': 'key-two' };
    forgotten = [];
  });
  afterEach(() => llm.close());

  const row = (name: string, more: Partial<ModelRow> = {}): ModelRow => ({
    ...{ id: name, name, provider: 'openai', modelConfig: {}, secretReference: 'file:one' },
    providerConfig: { base_url: `${llm.url}/v1`, api: 'chat' },
    ...more,
  });
  const open = (pluginsDir?: string) =>
    modelLoader({
      log: silentLog,
      forgetSecret: (reference) => forgotten.push(reference),
      async resolveSecret(reference) {
        const secret = secrets[reference];
        if (secret === undefined) throw new Error(`The secret ${reference} is not there.`);
        return secret;
      },
      ...(pluginsDir === undefined ? {} : { surroundings: { pluginsDir } }),
    });

  it('is one request for those that share a server and a key', async () => {
    const rows = [row('a'), row('b'), row('c', { secretReference: 'file:two' }), row('d')];
    expect(await open().look(rows)).toMatchObject(rows.map(() => ({ state: 'reachable' })));
    expect(llm.looks.map(({ headers }) => headers.authorization).sort()).toEqual([
      'Bearer key-one',
      'Bearer key-two',
    ]);
  });

  it('is at most four requests at a time', async () => {
    llm.lists({ stalls: true });
    const many = Array.from({ length: 6 }, (_, n) => `file:${n}`);
    let atMost = 0;
    let running = 0;
    const looking = lookAtModels(many, {
      async make(reference) {
        const vendor = await openaiChat.open(llm.url);
        const { probe } = vendor;
        if (probe === undefined) throw new Error('OpenAI has a list.');
        const list = async (signal: AbortSignal) => {
          running += 1;
          atMost = Math.max(atMost, running);
          return await probe.list(signal).finally(() => {
            running -= 1;
          });
        };
        return { ...vendor, probe: { ...probe, list, account: reference } };
      },
      refused: () => {},
      withinMs: 200,
    });
    expect(await looking).toHaveLength(6);
    expect(atMost).toBe(4);
  });

  it('says what is not set up right, asks anew for a key that was refused, and goes on with the others', async () => {
    llm.lists({ refusal: 'unauthorized' });
    const looks = await open().look([
      row('a', { secretReference: 'env:GONE' }),
      row('b'),
      row('c', { provider: 'x' }),
    ]);
    expect(looks).toMatchObject([
      { state: 'misconfigured', detail: expect.stringContaining('The secret env:GONE is not there.') },
      { state: 'refused', detail: expect.stringContaining('OpenAI b') },
      { state: 'misconfigured', detail: expect.stringContaining('Unknown provider type: x') },
    ]);
    expect(forgotten).toEqual(['file:one']);
  });

  it('takes a module of the operator as it is, and asks one that can tell', async () => {
    const pluginsDir = await mkdtemp(join(tmpdir(), 'ai-ops-plugins-'));
    await mkdir(join(pluginsDir, 'providers'));
    const write = (name: string, probe: string) =>
      writeFile(
        join(pluginsDir, 'providers', name),
        `export default { create: () => ({ async *stream() {}, ${probe} }) };`,
      );
    await write('silent.js', '');
    await write('there.js', 'probe: async () => undefined,');
    await write('listing.js', 'probe: async () => ["other"],');
    await write('away.js', 'probe() { throw Object.assign(new Error("no"), { kind: "network" }); },');
    await write('odd.js', 'probe: async () => 42,');
    const names = ['silent', 'there', 'listing', 'away', 'odd'];
    const rows = names.map((name) =>
      row(name, { provider: 'custom', providerConfig: { module: `${name}.js` } }),
    );
    expect((await open(pluginsDir).look(rows)).map(({ state }) => state)).toEqual([
      ...['unknown', 'reachable', 'not_found', 'unreachable', 'unknown'],
    ]);
    await rm(pluginsDir, { recursive: true });
  });
});
