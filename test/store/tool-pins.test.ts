import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditLog } from '../../src/store/audit.ts';
import { configStore } from '../../src/store/config-store.ts';
import { toolPins } from '../../src/store/tool-pins.ts';
import { hashOf } from '../../src/tools/pins.ts';
import type { Pinned } from '../../src/tools/port.ts';
import { databases, type TestDatabase } from '../fakes/database.ts';

const tool = (name: string, description: string): Pinned => {
  const definition = { name, description, inputSchema: { type: 'object' } };
  return { kind: 'tool', name, hash: hashOf(definition), definition };
};
const [look, touch] = [tool('look', 'Looks.'), tool('touch', 'Touches.')];
const other = tool('look', 'Looks, and tells.');
const ada = { actor: 'web:ada', source: 'rest' };
const lab = { actor: 'system:lab', source: 'bot' };

describe.each(Object.keys(databases))('pins of tools on %s', (kind) => {
  let database: TestDatabase;
  let store: ReturnType<typeof toolPins>;
  beforeAll(async () => {
    database = await (kind === 'embedded' ? databases.embedded() : databases.postgresql());
    store = toolPins(database.db);
  });
  afterAll(() => database.close());

  const version = () => configStore(database.db).version();
  const accepts = async () =>
    (await auditLog(database.db).list({ action: 'tool.*' }, { limit: 9, offset: 0 })).count;
  async function server(name: string) {
    const { rows } = await sql<{ id: string }>`
      insert into mcp_servers (name, url, status_id) select ${name}, 'https://x.test', id from statuses
      where name = 'Healthy' returning id`.execute(database.db);
    const serverId = rows[0]?.id ?? '';
    return { serverId, server: name };
  }

  it('are written once, however many processes see the same list, and change no configuration', async () => {
    const at = await server('many');
    const before = await version();
    const seen = { ...at, pinned: [look, touch] };
    await Promise.all([1, 2, 3].map(() => store.note(seen)));
    const [first, second] = await store.of(at.serverId);
    expect([first, second]).toMatchObject([look, touch]);
    expect(first).not.toHaveProperty('acceptedHash');
    await store.note(seen);
    expect((await store.of(at.serverId))[0]?.firstSeen).toEqual(first?.firstSeen);
    expect(await version()).toBe(before);
  });

  it('keep what was accepted beside what is there now, and reach the configuration', async () => {
    const at = await server('changes');
    await store.note({ ...at, pinned: [look] });
    const before = await version();
    expect(await store.accept({ ...at, pinned: [look], by: ada })).toBe(before + 1);
    expect(await store.accept({ ...at, pinned: [look], by: ada })).toBeUndefined();
    await store.note({ ...at, pinned: [other] });
    expect(await store.of(at.serverId)).toMatchObject([
      {
        hash: other.hash,
        acceptedHash: look.hash,
        acceptedDefinition: look.definition,
        decidedBy: 'web:ada',
      },
    ]);
    const pins = async () => (await configStore(database.db).server(at.serverId))?.pins;
    expect(await pins()).toEqual({ accepted: [look.hash], refused: [] });
    expect(await store.revoke({ ...at, pinned: [other], by: ada })).toBe(before + 2);
    expect(await pins()).toEqual({ accepted: [], refused: [other.hash] });
    expect(await store.revoke({ ...at, pinned: [other], by: ada })).toBeUndefined();
  });

  it('of what is listed no more are forgotten, unless somebody decided about them', async () => {
    const at = await server('forgets');
    await store.note({ ...at, pinned: [look, touch, tool('third', 'x')] });
    await store.accept({ ...at, pinned: [touch], by: ada });
    await store.note({ ...at, pinned: [look] });
    expect((await store.of(at.serverId)).map(({ name }) => name)).toEqual(['look', 'touch']);
  });

  it('are accepted by themselves once over all processes, but for what was taken back', async () => {
    const at = await server('lab');
    const [before, entries] = [await version(), await accepts()];
    const seen = { ...at, pinned: [look, touch], by: lab };
    const accepted = await Promise.all([1, 2, 3].map(() => store.note(seen)));
    expect(accepted.map((names) => names.length).toSorted()).toEqual([0, 0, 2]);
    expect([await version(), await accepts()]).toEqual([before + 1, entries + 1]);
    await store.revoke({ ...at, pinned: [touch], by: ada });
    expect(await store.note({ ...at, pinned: [other, touch], by: lab })).toMatchObject([{ name: 'look' }]);
    expect(await store.of(at.serverId)).toMatchObject([
      { name: 'look', acceptedHash: other.hash, decidedBy: 'system:lab' },
      { name: 'touch', refusedHash: touch.hash, decidedBy: 'web:ada' },
    ]);
  });

  it('that were taken back stay so when the server says something else for a while', async () => {
    const at = await server('flips');
    const later = tool('touch', 'Touches softly.');
    const seen = (pinned: Pinned) => store.note({ ...at, pinned: [pinned], by: lab });
    const pins = async () => (await configStore(database.db).server(at.serverId))?.pins;
    await seen(touch);
    await store.revoke({ ...at, pinned: [touch], by: ada });
    expect(await seen(later)).toHaveLength(1);
    expect(await seen(touch)).toEqual([]);
    expect(await pins()).toEqual({ accepted: [later.hash], refused: [touch.hash] });
    await store.accept({ ...at, pinned: [touch], by: ada });
    expect(await pins()).toEqual({ accepted: [touch.hash], refused: [] });
  });

  it('of a server that is gone are none', async () => {
    const at = await server('gone');
    await store.note({ ...at, pinned: [look], by: lab });
    await sql`delete from mcp_servers where id = ${at.serverId}::uuid`.execute(database.db);
    expect(await store.note({ ...at, pinned: [look], by: lab })).toEqual([]);
    expect(await store.accept({ ...at, pinned: [look], by: ada })).toBeUndefined();
    expect(await store.of(at.serverId)).toEqual([]);
  });
});
