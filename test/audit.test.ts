import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditLog } from '../src/store/audit.ts';
import { startBot } from './fakes/bot-process.ts';
import { openTestPostgres, type TestDatabase } from './fakes/database.ts';

describe('a bot that is told to stop', () => {
  let database: TestDatabase;
  let folder: string;
  beforeAll(async () => {
    database = await openTestPostgres();
    folder = await mkdtemp(join(tmpdir(), 'ai-ops-audit-'));
  });
  afterAll(async () => {
    await database.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('has sealed everything that it wrote into the audit log', async () => {
    const bot = await startBot({ DATABASE_URL: database.url, DATA_DIR: folder });
    await bot.ask('help', 'night-watch');
    await bot.fetch('/plugins/ai-ops/api/chat/night-watch/', { method: 'DELETE' });
    const audit = auditLog(database.db);
    expect((await audit.list({ action: 'thread.clear' }, { limit: 1, offset: 0 })).count).toBe(1);
    bot.kill('SIGTERM');
    expect(await bot.ended).toBe(0);
    const { count } = await audit.list({}, { limit: 1, offset: 0 });
    expect(await audit.verify()).toMatchObject({ ok: true, rows: count, unsealed: 0 });
    expect(bot.stdout()).toContain('"event":"audit_sealed"');
  });
});
