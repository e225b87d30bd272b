import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { resources } from '../../../src/resources/index.ts';
import { databases, type TestDatabase } from '../../fakes/database.ts';
import { type Operation, operationsOf } from './operations.ts';
import { type Answer, api, prepare, type Sending, type Stage, startStage } from './stage.ts';

const nowhere = '00000000-0000-4000-8000-000000000000';
const long = 'x'.repeat(70_000);
const deep = `${'['.repeat(65)}${']'.repeat(65)}`;
const ids = [nowhere, 'x', '%00', '%F0%9F%98%80', `${nowhere}%20`, long.slice(0, 900), '..%2f..', '%27%3B--'];
const bodies = [
  '',
  '{',
  'null',
  'true',
  '7',
  '"x"',
  '[7]',
  '[null]',
  '[[]]',
  '{"a":1e999}',
  '{"__proto__":{}}',
  '\ufeff{}',
];
const unfit = [
  '{"name":"\\u0000"}',
  '{"\\u0000":1}',
  '{"name":"\\ud800"}',
  '[{"a":["\\udfff"]}]',
  deep,
  `{"a":${deep}}`,
];
const queries = ['%00', '%ED%A0%80', '%zz', "x'--", 'null', '1e999', '-1', 'true', '', long.slice(0, 4000)];
const unknownQueries = [
  '%00=1',
  'a%ED%A0%80=1',
  '__proto__=1',
  'constructor=1',
  'name__constructor=1',
  'name__=1',
];
const strangers = ['', 'Token', 'Token wrong', 'Basic YWRhOmFkYQ==', 'ada', `Token ${long.slice(0, 4000)}`];
const values = [
  null,
  7,
  -1,
  1e300,
  1.5,
  '',
  'x',
  ' ',
  long,
  true,
  [],
  [7],
  ['x'],
  {},
  { id: 7 },
  { x: { y: [] } },
  '0',
  '\u0007',
];

/** Requests at the same time. */
const atOnce = 20;

/** A request, what it is called when it is answered badly, and with which statuses alone it may be refused. */
interface Probe {
  readonly about: string;
  readonly ask: () => Promise<Answer>;
  readonly refusal?: readonly number[];
}

describe.each(Object.entries(databases))('bad input on %s', { timeout: 240_000 }, (name, open) => {
  let database: TestDatabase;
  let stage: Stage;
  let operations: readonly Operation[];

  beforeAll(async () => {
    database = await open();
    stage = await startStage(database, { showDetails: true });
    await prepare(stage, database);
    const document = await stage.send('GET', '/api/schema/');
    operations = operationsOf(document.json).filter(({ path }) => /^\/api\/|clear-cache/.test(path));
  });
  afterAll(async () => {
    await stage.close();
    await database.close();
  });

  const version = async () => {
    const { rows } = await sql<{ version: number }>`select version from config_version`.execute(database.db);
    return rows[0]?.version;
  };

  /** What was refused is refused with a readable body; what was taken after all is not of interest. */
  const expectAnswered = async ({ about, ask, refusal }: Probe) => {
    const answer = await ask();
    const told = `${about}: ${answer.status} ${answer.text.slice(0, 200)}`;
    expect(answer.status, told).toBeLessThan(500);
    if (refusal !== undefined) expect(refusal, told).toContain(answer.status);
    if (answer.status < 400) return answer;
    expect(answer.json, told).toBeTypeOf('object');
    if (answer.status !== 400) expect(answer.json, told).toMatchObject({ detail: expect.any(String) });
    expect(answer.text, told).not.toMatch(/node_modules|\.ts:\d+|select |insert /);
    return answer;
  };

  /** Asks some at the same time, of which none may write anything. */
  const expectUnmoved = async (probes: readonly Probe[]) => {
    const answers: Answer[] = [];
    for (let start = 0; start < probes.length; start += atOnce) {
      const batch = probes.slice(start, start + atOnce);
      const before = await version();
      answers.push(...(await Promise.all(batch.map(expectAnswered))));
      expect(await version(), batch.map(({ about }) => about).join('\n')).toBe(before);
    }
    return answers;
  };

  let versionSeen: number | undefined;
  beforeEach(() => {
    versionSeen = undefined;
  });

  /** Asks one that writes nothing if it is refused. */
  const expectSound = async (probe: Probe) => {
    const before = versionSeen ?? (await version());
    const answer = await expectAnswered(probe);
    versionSeen = answer.status < 400 ? undefined : await version();
    if (versionSeen !== undefined) expect(versionSeen, probe.about).toBe(before);
    return answer;
  };

  const send = ({ method, path }: Operation, sending: Sending, id = nowhere) =>
    stage.send(method, path.replace('{id}', id), sending);

  it('knows every operation', () => {
    expect(operations.length).toBeGreaterThan(resources.length * 4);
  });

  it('ids of nothing are 404', async () => {
    for (const operation of operations.filter(({ path }) => path.includes('{id}'))) {
      const probes = ids.map((id) => ({
        about: `${operation.id} ${id.slice(0, 20)}`,
        ask: () => send(operation, operation.body === undefined ? {} : { body: {} }, id),
        refusal: id === '%00' ? [400] : [404],
      }));
      await expectUnmoved(probes);
    }
  });

  it('queries of any kind are answered', async () => {
    for (const operation of operations.filter(({ query }) => query.length > 0)) {
      const probe = (query: string) => ({
        about: `${operation.id} ${query}`,
        ask: () => stage.send('GET', `${operation.path}?${query}`),
      });
      await expectUnmoved(
        operation.query.flatMap((name) => queries.map((value) => probe(`${name}=${value}`))),
      );
      await expectUnmoved(unknownQueries.map((query) => ({ ...probe(query), refusal: [400] })));
    }
  });

  // What is refused before a database is asked is refused alike on both.
  if (name === 'postgresql') {
    it('strangers and wrong tokens are nobody anywhere', async () => {
      for (const operation of operations.filter(({ path }) => path !== '/api/schema/')) {
        const probes = strangers.map((authorization) => ({
          about: operation.id,
          ask: () => send(operation, { headers: { authorization } }),
          refusal: [401],
        }));
        for (const answer of await expectUnmoved(probes)) {
          expect(answer.headers.get('www-authenticate')).toBe('Token');
          expect(answer.json.code).toBe('unauthenticated');
        }
      }
    });

    it('whoever has no permission is told so, or sees nothing', async () => {
      const headers = { authorization: 'Token nobody' };
      const probes = operations.map((operation) => {
        const body =
          operation.body === undefined ? {} : { body: operation.method === 'DELETE' ? [nowhere] : {} };
        const ask = () => send(operation, { headers, ...body });
        return { about: operation.id, ask, refusal: [200, 400, 403, 404] };
      });
      await expectUnmoved(probes);
      const { json } = await stage.send('GET', `${api}/`, { headers });
      expect(Object.keys(json)).toEqual(['statuses']);
    });

    it('bodies that are no JSON, unfit or too large are refused', async () => {
      for (const operation of operations.filter(({ body }) => body !== undefined)) {
        const probe = (body: string) => ({
          about: `${operation.id} ${body}`,
          ask: () => send(operation, { body }),
        });
        await expectUnmoved(bodies.map(probe));
        const refused = [...unfit, '\u00ff{'].map((body) => ({ ...probe(body), refusal: [400, 404] }));
        for (const answer of await expectUnmoved(refused))
          if (answer.status === 400) expect(answer.json.code).toMatch(/^bad_/);
        const large = `"${'x'.repeat(1024 * 1024)}"`;
        await expectUnmoved([
          { about: operation.id, ask: () => send(operation, { body: large }), refusal: [413] },
        ]);
      }
    });

    it('lists longer than a thousand are refused', async () => {
      const body = Array.from({ length: 1001 }, () => ({ id: nowhere }));
      const probes = operations
        .filter((operation) => operation.body !== undefined && !operation.path.includes('{id}'))
        .map((operation) => ({ about: operation.id, ask: () => send(operation, { body }), refusal: [400] }));
      for (const answer of await expectUnmoved(probes)) expect(answer.json.code).toBe('too_many');
    });

    it.each(
      resources
        .filter(({ changes }) => changes.length > 0)
        .map((resource) => [resource.path, resource] as const),
    )('each field of %s refuses what it cannot be', async (path, resource) => {
      const list = `${api}/${path}/`;
      const names = [...Object.keys(resource.fields), 'tags', 'id', 'url', 'no_such_field'];
      const created = resource.changes.includes('create')
        ? await stage.send('POST', list, { body: resource.example })
        : undefined;
      const id = created?.json.id ?? (await stage.send('GET', list)).json.results[0].id;
      for (const name of names)
        for (const value of values) {
          const body = { [name]: value };
          const about = `${path} ${JSON.stringify(body).slice(0, 60)}`;
          await expectSound({
            about: `PATCH ${about}`,
            ask: () => stage.send('PATCH', `${list}${id}/`, { body }),
          });
          if (created === undefined) continue;
          const made = await expectSound({
            about: `POST ${about}`,
            ask: () => stage.send('POST', list, { body: { ...resource.example, ...body } }),
          });
          if (made.status === 201) await stage.send('DELETE', `${list}${made.json.id}/`);
        }
      const unknown = await stage.send('PATCH', `${list}${id}/`, { body: { no_such_field: 1 } });
      expect([unknown.status, Object.keys(unknown.json)]).toEqual([400, ['no_such_field']]);
      if (created !== undefined) await stage.send('DELETE', `${list}${id}/`);
    });
  }

  it('of twenty who create the same name at once, one does', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => stage.send('POST', `${api}/llm-models/`, { body: { name: 'same' } })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(19).fill(400)]);
    expect(answers.find(({ status }) => status === 400)?.json).toEqual({ name: [expect.any(String)] });
    expect((await stage.send('GET', `${api}/llm-models/?name=same`)).json.count).toBe(1);
  });

  it('of two who make themselves the default at once, one does', async () => {
    const answers = await Promise.all(
      ['one', 'two'].map((name) =>
        stage.send('POST', `${api}/llm-models/`, { body: { name, is_default: true } }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 400]);
    expect((await stage.send('GET', `${api}/llm-models/?is_default=true`)).json.count).toBe(1);
  });

  it('writers of the same row do not mix', async () => {
    const { id } = (await stage.send('POST', `${api}/llm-models/`, { body: { name: 'mixed' } })).json;
    const path = `${api}/llm-models/${id}/`;
    const writes = Array.from({ length: 10 }, (_, n) => ({ description: `writer ${n}`, cache_ttl: 100 + n }));
    const answers = await Promise.all(writes.map((body) => stage.send('PATCH', path, { body })));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    const { description, cache_ttl } = (await stage.send('GET', path)).json;
    expect(writes).toContainEqual({ description, cache_ttl });
    const removals = await Promise.all([1, 2, 3].map(() => stage.send('DELETE', path)));
    expect(removals.map(({ status }) => status).sort()).toEqual([204, 404, 404]);
  });

  it('none of it was a failure of the bot', () => {
    expect(stage.failures).toEqual([]);
  });
});
