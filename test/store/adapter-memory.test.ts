import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCipher } from '../../src/access/cipher.ts';
import { adapterMemory } from '../../src/store/adapter-memory.ts';
import { databases, type TestDatabase } from '../fakes/database.ts';

describe.each(['postgresql', 'embedded'] as const)('what adapters keep in %s', (kind) => {
  let database: TestDatabase;
  let now = Date.parse('2026-11-21T10:00:00Z');
  const clock = { now: () => now };
  const cipher = createCipher([Buffer.alloc(32, 1)]);
  const unreadable: string[] = [];
  const open = (key = cipher) =>
    adapterMemory(database.db, { cipher: key, clock, unreadable: (name) => unreadable.push(name) });
  beforeAll(async () => {
    database = await databases[kind]();
  });
  afterAll(async () => await database.close());

  it('is there again, also for others, and can be replaced and forgotten', async () => {
    const [one, other] = [open(), open()];
    expect(await one.get('a')).toBeUndefined();
    await one.put('a', { url: 'https://x', list: [1, true, null] });
    expect(await other.get('a')).toEqual({ url: 'https://x', list: [1, true, null] });
    await other.put('a', 'new');
    expect(await one.get('a')).toBe('new');
    await one.forget('a');
    expect(await other.get('a')).toBeUndefined();
  });

  it('is not there in clear, and nothing that another key or another name sealed', async () => {
    await open().put('secret', { token: 'swordfish' });
    const { rows } = await sql<{ line: string }>`select m::text as line from adapter_memory m`.execute(
      database.db,
    );
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toContain('swordfish');
    expect(await open(createCipher([Buffer.alloc(32, 2)])).get('secret')).toBeUndefined();
    await sql`insert into adapter_memory (key, sealed) select 'stolen', sealed from adapter_memory where key = 'secret'`.execute(
      database.db,
    );
    expect(await open().get('stolen')).toBeUndefined();
    expect(unreadable).toEqual(['secret', 'stolen']);
  });

  it('ends by its time, and goes when others come', async () => {
    const memory = open();
    await memory.put('short', 1, 1000);
    await memory.put('long', 2, 60_000);
    now += 999;
    expect(await memory.get('short')).toBe(1);
    now += 1;
    expect(await memory.get('short')).toBeUndefined();
    expect(await memory.get('long')).toBe(2);
    await memory.put('other', 3);
    const { rows } = await sql<{ key: string }>`select key from adapter_memory where key = 'short'`.execute(
      database.db,
    );
    expect(rows).toEqual([]);
    now += 60_000;
    await memory.put('long', 4);
    expect(await memory.get('long')).toBe(4);
  });
});
