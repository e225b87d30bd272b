import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PromptFileError } from '../../src/resources/prompt-files.ts';
import { latestSnapshot } from '../../src/resources/snapshot.ts';
import { configStore } from '../../src/store/config-store.ts';
import { databases, type TestDatabase } from '../fakes/database.ts';
import { recordingLog } from '../fakes/recording-log.ts';

interface NewPrompt {
  readonly status?: string;
  readonly version?: number;
  readonly text?: string;
  readonly file?: string;
}

describe.each(Object.entries(databases))('the choice of a system prompt on %s', (_name, open) => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await sql`update llm_models set system_prompt_id = null`.execute(database.db);
    await sql`delete from system_prompts`.execute(database.db);
    await sql`delete from llm_models`.execute(database.db);
    await sql`insert into llm_providers (name) values ('openai') on conflict do nothing`.execute(database.db);
    await addModel('the-model', true);
  });

  async function addModel(name: string, isDefault: boolean): Promise<void> {
    await sql`insert into llm_models (llm_provider_id, name, is_default)
      select id, ${name}, ${isDefault} from llm_providers where name = 'openai'`.execute(database.db);
  }

  async function addPrompt(name: string, prompt: NewPrompt): Promise<void> {
    const { status = 'Approved', version = 1, text = '', file = '' } = prompt;
    await sql`insert into system_prompts (name, status_id, version, prompt_text, is_file_based, prompt_file_name)
      select ${name}, id, ${version}::int, ${text}, ${file} <> '', ${file} from statuses where name = ${status}`.execute(
      database.db,
    );
  }

  async function give(model: string, prompt: string): Promise<void> {
    await sql`update llm_models set system_prompt_id = (select id from system_prompts where name = ${prompt})
      where name = ${model}`.execute(database.db);
  }

  /** The prompt of a fresh snapshot, with the log of how it was taken. `files`: their texts by name. */
  async function choose(files: Readonly<Record<string, string>> = {}) {
    const { log, entries } = recordingLog();
    const read = async (name: string) => {
      const text = files[name];
      if (text === undefined) throw new PromptFileError(`There is no prompt file ${name}.`);
      return text;
    };
    const store = configStore(database.db);
    const snapshots = latestSnapshot({ store, files: { read }, changed: () => undefined, log });
    return { prompt: (await snapshots.atLeast(0)).prompt, entries };
  }

  it('takes the model’s own when it is approved, whatever else there is', async () => {
    await addPrompt('Newer', { file: 'newer.md', version: 9 });
    await addPrompt('Own', { text: 'Own words.' });
    await give('the-model', 'Own');
    expect(await choose({ 'newer.md': 'x' })).toEqual({
      prompt: { name: 'Own', version: 1, text: 'Own words.', format: 'braces' },
      entries: [],
    });
  });

  it('takes the model’s own from a file too', async () => {
    await addPrompt('Newer', { file: 'newer.md', version: 9 });
    await addPrompt('Own', { file: 'own.j2', version: 2 });
    await give('the-model', 'Own');
    const { prompt } = await choose({ 'newer.md': 'x', 'own.j2': '{{ tools }}' });
    expect(prompt).toEqual({ name: 'Own', version: 2, text: '{{ tools }}', format: 'jinja' });
  });

  it.each(['Testing', 'Deprecated'])('passes over the model’s own while it is %s', async (status) => {
    await addPrompt('Own', { text: 'Own words.', status });
    await addPrompt('Global', { file: 'global.md' });
    await give('the-model', 'Own');
    expect((await choose({ 'global.md': 'x' })).prompt?.name).toBe('Global');
  });

  it('takes the newest approved one from a file for a model without its own', async () => {
    await addPrompt('A', { file: 'old.md', version: 2 });
    await addPrompt('B', { file: 'new.md', version: 10 });
    await addPrompt('Tried', { file: 'tried.md', version: 11, status: 'Testing' });
    await addPrompt('Gone', { file: 'gone.md', version: 12, status: 'Deprecated' });
    await addPrompt('Written', { text: 'Only for models that name it.', version: 13 });
    const files = { 'old.md': 'x', 'new.md': 'x', 'tried.md': 'x', 'gone.md': 'x' };
    expect((await choose(files)).prompt).toMatchObject({ name: 'B', version: 10 });
  });

  it('takes the first by name of those with the same version', async () => {
    await addPrompt('B', { file: 'b.md' });
    await addPrompt('A', { file: 'a.md' });
    expect((await choose({ 'a.md': 'x', 'b.md': 'x' })).prompt?.name).toBe('A');
  });

  it('does not take what another model calls its own', async () => {
    await addModel('another', false);
    await addPrompt('Another’s', { text: 'For another.' });
    await give('another', 'Another’s');
    expect((await choose()).prompt).toBeUndefined();
  });

  it('takes the newest from a file when there is no model at all', async () => {
    await sql`delete from llm_models`.execute(database.db);
    await addPrompt('Global', { file: 'global.md' });
    expect((await choose({ 'global.md': 'x' })).prompt?.name).toBe('Global');
  });

  it('takes none when none is approved', async () => {
    await addPrompt('Own', { text: 'Own words.', status: 'Testing' });
    await addPrompt('Global', { file: 'global.md', status: 'Deprecated' });
    await give('the-model', 'Own');
    expect(await choose({ 'global.md': 'x' })).toEqual({ prompt: undefined, entries: [] });
  });

  it('takes the next when a file is gone, and warns', async () => {
    await addPrompt('Own', { file: 'own.md' });
    await addPrompt('Global', { file: 'global.md' });
    await give('the-model', 'Own');
    const { prompt, entries } = await choose({ 'global.md': 'x' });
    expect(prompt?.name).toBe('Global');
    expect(entries).toEqual([['prompt_unusable', { prompt: 'Own', error: expect.any(PromptFileError) }]]);
    expect((await choose()).prompt).toBeUndefined();
  });
});
