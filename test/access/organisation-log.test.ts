import { expect, it } from 'vitest';
import { createOrganisation } from '../../src/access/organisation.ts';
import type { Log } from '../../src/observe/port.ts';

const issuer = {
  url: 'http://127.0.0.1:9',
  clientId: 'bot',
  scopes: 'openid',
  groupsClaim: 'groups',
};

it('whoever comes back without a sign-in of theirs warns once a minute for one address', async () => {
  let now = 0;
  const levels: string[] = [];
  const at = (level: string) => () => void levels.push(level);
  const log: Log = {
    ...{ debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') },
    with: () => log,
  };
  const { finish } = createOrganisation({
    issuer,
    publicUrl: () => 'http://127.0.0.1:1',
    starts: { add: async () => {}, spend: async () => undefined },
    open: async () => ({ session: '', maxAgeSeconds: 0 }),
    clock: { now: () => now },
    log,
  });
  const comeBack = (address: string) => finish({ query: 'code=x&state=y', start: 'forged', address });
  await comeBack('192.0.2.1');
  expect(await comeBack('192.0.2.1')).toMatchObject({ type: 'failed', reason: 'stale' });
  await comeBack('192.0.2.2');
  now += 60_000;
  await comeBack('192.0.2.1');
  expect(levels).toEqual(['warn', 'debug', 'warn', 'warn']);
});
