import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestBot, type TestBot } from '../fakes/bot.ts';
import { childEnv } from '../fakes/child-env.ts';
import { freePort } from '../fakes/ports.ts';

const script = fileURLToPath(new URL('../../scripts/doctor.ts', import.meta.url));

let bot: TestBot;
let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'ai-ops-doctor-'));
  bot = await startTestBot();
}, 120_000);
afterAll(async () => {
  await bot.stop();
  await rm(dataDir, { recursive: true, force: true });
});

/** `npm run doctor` with these variables. */
async function doctor(env: Readonly<Record<string, string>>) {
  const { port } = new URL(bot.url);
  const child = spawn(process.execPath, [script], {
    env: { ...childEnv(), DATA_DIR: dataDir, PORT: port, ...env },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      said += chunk;
    });
  await once(child, 'close');
  return { said, code: child.exitCode };
}

const token = { AI_OPS_ADMIN_TOKEN: 'test-token-long-enough' };
const nowhere = 'postgres://postgres@127.0.0.1:9/nothing';

describe('npm run doctor beside a running bot', () => {
  it('says what the bot finds', async () => {
    const { said } = await doctor(token);
    expect(said).toContain('Server host');
    expect(said).not.toContain('With the variables of this command');
  });

  it('says that its token is another one', async () => {
    const { said, code } = await doctor({ AI_OPS_ADMIN_TOKEN: 'another-token-long-enough' });
    expect(said).toMatch(/❌ Bot: It runs at http\S+, but does not know this AI_OPS_ADMIN_TOKEN/);
    expect(said).not.toContain('Start it');
    expect(code).toBe(1);
  });

  it('says that it has no token', async () => {
    const { said } = await doctor({});
    expect(said).toMatch(/It runs at http\S+, but there is no AI_OPS_ADMIN_TOKEN/);
  });

  it('says that its own DATABASE_URL leads nowhere', async () => {
    const { said, code } = await doctor({ ...token, DATABASE_URL: nowhere });
    expect(said).toContain('Server host');
    expect(said).toMatch(/❌ Database: The database at 127\.0\.0\.1:9\/nothing cannot be used/);
    expect(code).toBe(1);
  });

  it('says where nothing listens', async () => {
    const { said } = await doctor({ ...token, PORT: String(await freePort()) });
    expect(said).toMatch(/None answers at http\S+: nothing listens there/);
  });
});
