import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Resource } from '../../../src/resources/definition.ts';
import { flag, paragraph, relation, text } from '../../../src/resources/field.ts';
import { resources } from '../../../src/resources/index.ts';
import { databases, type TestDatabase } from '../../fakes/database.ts';
import { allPermissions } from '../../fakes/world.ts';
import { operationsOf } from './operations.ts';
import { api, prepare, type Stage, startStage } from './stage.ts';

/** The one definition. */
const runbooks: Resource = {
  path: 'runbooks',
  table: 'runbooks',
  suffix: 'runbook',
  word: 'runbooks',
  one: 'runbook',
  many: 'Runbooks',
  help: 'What to do when something breaks.',
  fields: {
    name: text({ label: 'Name', help: 'What breaks.' }),
    steps: paragraph({ label: 'Steps', help: 'What to do.', initial: '' }),
    is_enabled: flag({ label: 'Enabled', help: 'Off: it is not offered.', initial: true }),
    model: relation({
      label: 'Model',
      help: 'Who follows it.',
      initial: null,
      to: 'llm-models',
      table: 'llm_models',
      nameColumn: 'name',
      onDelete: 'clear',
    }),
  },
  nameField: 'name',
  columns: ['name', 'model', 'is_enabled'],
  search: ['name', 'steps'],
  order: ['name'],
  changes: ['create', 'change', 'delete'],
  example: { name: 'Disk full', steps: 'Look, then delete.', model: 'gpt-4o' },
};

/** The one migration. */
const migration = sql`create table runbooks (
  id uuid primary key default gen_random_uuid(),
  name varchar(255) not null unique,
  steps text not null default '',
  is_enabled boolean not null default true,
  model_id uuid references llm_models on delete set null,
  tags jsonb not null default '[]',
  created timestamptz not null default now(),
  last_updated timestamptz not null default now()
)`;

describe.each(Object.entries(databases))('an imaginary resource on %s', (_name, open) => {
  let database: TestDatabase;
  let stage: Stage;

  beforeAll(async () => {
    database = await open();
    await migration.execute(database.db);
    const verbs = ['view', 'add', 'change', 'delete'].map((verb) => `ai_ops.${verb}_runbook`);
    stage = await startStage(database, {
      resources: [...resources, runbooks],
      permissions: new Set([...allPermissions, ...verbs]),
      showDetails: true,
    });
    await prepare(stage, database);
  });
  afterAll(async () => {
    await stage.close();
    await database.close();
  });

  it('costs one definition and one migration, and is in REST', async () => {
    const created = await stage.send('POST', `${api}/runbooks/`, { body: runbooks.example });
    expect(created.json).toMatchObject({
      object_type: 'ai_ops.runbook',
      display: 'Disk full',
      model: { name: 'gpt-4o', object_type: 'ai_ops.llmmodel' },
      is_enabled: true,
    });
    const list = await stage.send('GET', `${api}/runbooks/?model=gpt-4o&q=delete`);
    expect(list.json).toMatchObject({ count: 1, results: [{ name: 'Disk full' }] });
    const model = created.json.model.id;
    expect((await stage.send('GET', `${api}/llm-models/${model}/dependents/`)).json).toMatchObject([
      { resource: 'runbooks', field: 'model', on_delete: 'clear', count: 1, names: ['Disk full'] },
    ]);
    expect(
      (await stage.send('PATCH', `${api}/runbooks/${created.json.id}/`, { body: { steps: 1 } })).json,
    ).toEqual({
      steps: ['Write a text.'],
    });
    expect((await stage.send('DELETE', `${api}/runbooks/${created.json.id}/`)).status).toBe(204);
    const audit = await stage.send('GET', `${api}/audit/?action=runbooks.*`);
    expect(audit.json.results.map(({ action }: { action: string }) => action)).toEqual([
      'runbooks.delete',
      'runbooks.create',
    ]);
    expect((await stage.send('GET', `${api}/`)).json.runbooks).toBe(`${stage.url}${api}/runbooks/`);
  });

  it('is in the description of the API', async () => {
    const { json } = await stage.send('GET', '/api/schema/');
    const own = operationsOf(json).filter(({ path }) => path.startsWith(`${api}/runbooks/`));
    expect(own.map(({ id }) => id)).toContain('runbooks_bulk_partial_update');
    expect(json.components.schemas.RunbookWritten.required).toEqual(['name']);
  });

  it('is in the forms that the console draws', async () => {
    const { json } = await stage.send('GET', `${api}/forms/`);
    expect(json.resources.at(-1)).toMatchObject({
      path: 'runbooks',
      many: 'Runbooks',
      name_field: 'name',
      may: { view: true, add: true, change: true, delete: true },
      columns: [
        { name: 'name', label: 'Name', type: 'text' },
        { name: 'model', type: 'reference' },
        { type: 'flag' },
      ],
      form: { title: 'New runbook', submit: 'Create' },
      filters: expect.arrayContaining(['name', 'model', 'created']),
      search: true,
      actions: [],
    });
  });
});
