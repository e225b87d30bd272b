import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CallContext } from '../../../src/agent/tool.ts';
import { guardedFetch } from '../../../src/tools/guarded-fetch.ts';
import type { OAuthStore } from '../../../src/tools/mcp/auth/port.ts';
import { createPool, type Pool } from '../../../src/tools/mcp/pool.ts';
import { silentLog } from '../../fakes/log.ts';
import { type FakeOAuthServer, startOAuthServer } from '../../fakes/oauth-server.ts';
import { memoryOAuthStore } from '../../fakes/oauth-store.ts';
import { replica, serverId, signedInTo, signIn } from './auth/stage.ts';

const [ada, bob] = ['slack:T1:ADA', 'slack:T1:BOB'];
const asked = (asker: string): CallContext => ({ asker, answers: [] });
const soon = () => AbortSignal.timeout(30_000);

let server: FakeOAuthServer;
let childrenDir: string;
let pool: Pool | undefined;

beforeAll(async () => {
  server = await startOAuthServer();
  childrenDir = await mkdtemp(join(tmpdir(), 'ai-ops-users-'));
});
afterEach(() => pool?.close());
afterAll(async () => {
  await server.close();
  await rm(childrenDir, { recursive: true });
});

interface StageOptions {
  readonly idleMs?: number;
  readonly maxSessions?: number;
  readonly retryMaxMs?: number;
  readonly store?: OAuthStore;
}

/** A pool with a server at which each person has an account. */
async function stage(options: StageOptions = {}) {
  const config = signedInTo(server.url, { type: 'oauth_user' });
  const { authorizer, signIns } = replica(config, options.store ?? memoryOAuthStore());
  const fetchFor = guardedFetch({ environment: {} });
  const opened = createPool({
    ...{ log: silentLog, childrenDir, environment: {}, version: '1', fetchFor, authorizer },
    ...options,
  });
  pool = opened;
  await opened.use([config]);
  const connect = async (principal: string) => {
    await signIn(signIns, principal);
    await opened.reconnect(serverId, principal);
  };
  const tool = () => {
    const [found] = opened.tools();
    if (found === undefined) throw new Error('no tool');
    return found;
  };
  const call = (asker: string) => tool().run({}, soon(), asked(asker));
  return { pool: opened, signIns, connect, tool, call };
}

describe('a server at which each person has an account', () => {
  it('shows no tools before anybody is signed in, and says so', async () => {
    const { pool: opened } = await stage();
    expect(opened.tools()).toEqual([]);
    expect(opened.states()).toMatchObject([{ status: 'failed', error: expect.stringContaining('Nobody') }]);
  });

  it('runs for whoever is signed in, and asks everybody else to', async () => {
    const { connect, tool, call, pool: opened } = await stage();
    await connect(ada);
    expect(opened.states()).toMatchObject([{ status: 'connected', toolCount: 1 }]);
    expect(await tool().needs?.(asked(ada))).toBeUndefined();
    expect(await call(ada)).toMatchObject({ isError: false });
    const need = { type: 'sign_in', server: 'guarded', serverId };
    expect(await tool().needs?.(asked(bob))).toEqual(need);
    expect(await call(bob)).toMatchObject({ isError: true, need });
    await connect(bob);
    expect(await call(bob)).toMatchObject({ isError: false });
  });

  it('is found out about later when nobody can tell at first who is signed in', async () => {
    const store = memoryOAuthStore();
    await signIn(replica(signedInTo(server.url, { type: 'oauth_user' }), store).signIns, ada);
    let failures = 1;
    const identities: OAuthStore['identities'] = async (id) => {
      if (failures-- > 0) throw new Error('the database is away');
      return await store.identities(id);
    };
    const { pool: opened } = await stage({ store: { ...store, identities }, retryMaxMs: 10 });
    expect(opened.tools()).toEqual([]);
    await expect.poll(() => opened.tools()).toHaveLength(1);
  });

  it('runs for nobody in particular never', async () => {
    const { connect, tool } = await stage();
    await connect(ada);
    expect(await tool().run({}, soon())).toMatchObject({ isError: true });
  });

  it('asks again when a call wants more rights', async () => {
    const { connect, call } = await stage();
    await connect(ada);
    server.callScope = 'write';
    try {
      expect(await call(ada)).toMatchObject({ isError: true, need: { type: 'sign_in', serverId } });
      await connect(ada);
      expect(await call(ada)).toMatchObject({ isError: false });
    } finally {
      server.callScope = 'use';
    }
  });

  it('does not run what does more for this person than for those whose list was judged', async () => {
    const { connect, tool, signIns } = await stage();
    await connect(ada);
    const judged = tool();
    expect(judged.effect).toBe('write');
    server.annotations = { destructiveHint: true };
    try {
      await signIn(signIns, bob);
      const refused = await judged.run({}, soon(), asked(bob));
      expect(refused).toMatchObject({ isError: true, text: expect.stringContaining('was not run') });
      expect(tool().effect).toBe('destructive');
      expect(await tool().run({}, soon(), asked(bob))).toMatchObject({ isError: false });
    } finally {
      server.annotations = {};
    }
  });

  it('keeps its tools when nobody is connected any more, and asks to sign in', async () => {
    const { connect, tool, call, signIns, pool: opened } = await stage();
    await connect(ada);
    await signIns.disconnect(serverId, ada);
    await opened.reconnect(serverId, ada);
    expect(tool().sourceName).toBe('whose');
    expect(await call(ada)).toMatchObject({ isError: true, need: { type: 'sign_in' } });
  });

  it('gives its one session to whoever calls, and opens an idle one anew', async () => {
    const { connect, call } = await stage({ maxSessions: 1, idleMs: 1 });
    await connect(ada);
    await connect(bob);
    for (const person of [ada, bob, ada, bob])
      expect(await call(person), person).toMatchObject({ isError: false });
  });
});
