import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { azure } from '../../src/providers/azure.ts';
import { resilient } from '../../src/providers/resilient.ts';
import type { VendorOptions } from '../../src/providers/vendor.ts';
import { type FakeEntra, startEntra, trustTestCertificate } from '../fakes/entra.ts';
import { type StrictLlm, startStrictLlm } from '../fakes/llm/server.ts';
import { ask, hear } from './hear.ts';

describe('a model on Azure that signs in at Microsoft Entra ID', () => {
  let entra: FakeEntra;
  let llm: StrictLlm;
  beforeAll(trustTestCertificate);
  beforeEach(async () => {
    entra = await startEntra();
    llm = await startStrictLlm({ apiKey: entra.token, reply: () => ({ text: 'Hi.' }) });
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await Promise.all([entra.close(), llm.close()]);
  });

  interface Given {
    readonly secret?: string;
    readonly config?: object;
    readonly identity?: VendorOptions['entra'];
  }

  async function open({ secret, config = {}, identity = {} }: Given = {}) {
    const { authorityHost, tenantId, clientId } = entra;
    const vendor = await azure.create({
      model: 'gpt-4.1',
      config: { azure_endpoint: llm.url, auth: 'entra', ...config },
      entra: { authorityHost, tenantId, clientId, ...identity },
      ...(secret === undefined ? {} : { apiKey: secret }),
    });
    return resilient(vendor, { sleep: async () => undefined });
  }

  it.each([
    ['the v1 API', {}],
    ['the older API', { api_version: '2024-10-21' }],
  ])('brings a token to %s by its client secret, and keeps it', async (_name, config) => {
    const provider = await open({ secret: entra.secret, config });
    for (let call = 0; call < 3; call++)
      expect(await hear(provider, ask('?'))).toMatchObject({ text: 'Hi.', error: undefined });
    expect(entra.asked).toHaveLength(1);
    expect(llm.requests.map(({ headers }) => headers.authorization)).toEqual(
      Array(3).fill(`Bearer ${entra.token}`),
    );
    expect(llm.requests[0]?.headers).not.toHaveProperty('api-key');
  });

  it('asks again for a token that is about to end', async () => {
    entra.lifetime = 60;
    const provider = await open({ secret: entra.secret });
    for (let call = 0; call < 2; call++)
      expect(await hear(provider, ask('?'))).toMatchObject({ text: 'Hi.' });
    expect(entra.asked).toHaveLength(2);
  });

  it('takes tenant and client from its own settings first', async () => {
    const { tenantId, clientId, secret } = entra;
    const config = { tenant_id: tenantId, client_id: clientId };
    const provider = await open({ secret, config, identity: { tenantId: 'other', clientId: 'other' } });
    expect(await hear(provider, ask('?'))).toMatchObject({ text: 'Hi.' });
  });

  it('exchanges the token of Kubernetes for its workload identity', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ai-ops-entra-'));
    const tokenFile = join(folder, 'token');
    await writeFile(tokenFile, entra.assertion);
    const provider = await open({ identity: { tokenFile } });
    expect(await hear(provider, ask('?'))).toMatchObject({ text: 'Hi.', error: undefined });
    expect(entra.asked[0]?.get('client_assertion')).toBe(entra.assertion);
    await rm(folder, { recursive: true });
  });

  it('asks its machine for a token when it has neither secret nor file', async () => {
    vi.stubEnv('IDENTITY_ENDPOINT', entra.managed.endpoint);
    vi.stubEnv('IDENTITY_HEADER', entra.managed.header);
    const provider = await open();
    expect(await hear(provider, ask('?'))).toMatchObject({ text: 'Hi.', error: undefined });
    expect(entra.asked[0]?.get('client_id')).toBe(entra.clientId);
  });

  it('is not let in with a wrong secret, which no message repeats', async () => {
    const { error } = await hear(await open({ secret: 'wrong-secret-1' }), ask('?'));
    expect(error).toMatchObject({ kind: 'auth', status: 401 });
    expect(error?.message).toContain('No token from Microsoft Entra ID');
    expect(error?.message).toContain('AADSTS7000215');
    expect(llm.requests).toHaveLength(0);
    expect(entra.asked).toHaveLength(1);
  });

  it.each([
    [400, 'auth', 1],
    [429, 'rate_limited', 3],
    [500, 'overloaded', 3],
  ])('a lasting %i there is %s, and was asked for %i times', async (status, kind, asked) => {
    const refusal = { status, error: 'refused', description: 'AADSTS90033: later.', retryAfter: '2' };
    for (let turn = 0; turn < 3; turn++) entra.refuse(refusal);
    const { error } = await hear(await open({ secret: entra.secret }), ask('?'));
    expect(error).toMatchObject({ kind, status, retryAfterMs: 2_000 });
    expect(error?.message).toContain('AADSTS90033: later.');
    expect(entra.asked).toHaveLength(asked);
    expect(llm.requests).toHaveLength(0);
  });

  it('is tried again when the sign-in fails once', async () => {
    entra.refuse({ status: 503, error: 'temporarily_unavailable', description: 'AADSTS90033: later.' });
    const heard = await hear(await open({ secret: entra.secret }), ask('?'));
    expect(heard).toMatchObject({ text: 'Hi.', restarts: 0, error: undefined });
    expect(entra.asked).toHaveLength(2);
  });

  it('names a sign-in that is not there as the network’s', async () => {
    await entra.close();
    const { error } = await hear(await open({ secret: entra.secret }), ask('?'));
    expect(error).toMatchObject({ kind: 'network' });
    expect(error?.message).toContain('Can the sign-in of Microsoft Entra ID be reached?');
    entra = await startEntra();
  });

  it('names a token file that is not there, and asks nobody', async () => {
    const { error } = await hear(await open({ identity: { tokenFile: '/nowhere/token' } }), ask('?'));
    expect(error?.message).toContain('/nowhere/token');
    expect(error).toMatchObject({ kind: 'auth' });
    expect(entra.asked).toHaveLength(0);
  });

  it('says what is missing for a secret', async () => {
    const opened = azure.create({
      model: 'm',
      apiKey: 'secret',
      config: { azure_endpoint: llm.url, auth: 'entra' },
    });
    await expect(opened).rejects.toMatchObject({
      kind: 'misconfigured',
      message: expect.stringContaining('tenant_id and client_id'),
    });
  });
});
