import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InvalidError } from '../../../src/chat/errors.ts';
import { type AdminStage, ada, openAdminStage, wordsOf } from './stage.ts';

let at: AdminStage;
beforeAll(async () => {
  at = await openAdminStage();
  await at.admin.run('providers add openai', ada);
}, 120_000);
afterAll(async () => await at.close());

const words = async (line: string) => wordsOf(await at.admin.run(line, ada));
const resource = (path: string) => at.resources.named(path) ?? expect.fail(path);
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

describe('a secret in the place of its reference', () => {
  it('is refused where it can never be one, at its field', async () => {
    for (const wrong of ['env:HOME', 'hunter2'])
      expect(
        await at.admin.run(`models add name=wrong provider=openai model_secret_key=${wrong}`, ada),
      ).toMatchObject({ errors: { model_secret_key: ['It may not be named.'] } });
    const headers = '"Authorization=Bearer env:HOME"';
    expect(
      await at.admin.run(`servers add name=s url=https://up.test mcp_type=external headers=${headers}`, ada),
    ).toMatchObject({ errors: { headers: ['It may not be named.'] } });
  });

  it('is taken with a warning where it is only missing, which lists tell too', async () => {
    const said = await words('models add name=later provider=openai model_secret_key=env:NO_SUCH_KEY');
    expect(said).toContain('is made');
    expect(said).toContain('⚠️ NO_SUCH_KEY is not set yet.');
    expect(await words('models')).toMatch(/⚠️ later .*Attention: NO_SUCH_KEY is not set yet\./);
    expect(await words('models show later')).toContain('| Attention | NO_SUCH_KEY is not set yet. |');
    await words('models edit later model_secret_key=env:OPENAI_API_KEY');
    expect(await words('models')).not.toContain('⚠️');
  });

  it('that a row has had is no hindrance for other changes', async () => {
    const [made] = await at.resources.create(
      resource('llm-models'),
      [{ name: 'old', llm_provider: 'openai', model_secret_key: 'env:HOME' }],
      { ...ada, source: 'bootstrap' },
    );
    const input = { name: 'old', model_secret_key: 'env:HOME', llm_provider: 'openai', description: 'x' };
    const kept = await at.resources.update(
      resource('llm-models'),
      [
        {
          id: made?.row.id ?? '',
          isPartial: false,
          input,
        },
      ],
      ada,
    );
    expect(kept[0]?.row.description).toBe('x');
  });
});

describe('a secret within other words', () => {
  it.each([
    ['system-prompts', { name: 'P', prompt_text: `Use ${pem}` }, 'prompt_text', 'a private key'],
    [
      'llm-models',
      { name: 'M', description: 'postgres://bot:hunter2@db/x' },
      'description',
      'a URL with a password',
    ],
    [
      'llm-models',
      { name: 'M', model_config: { extra: { key: pem } } },
      'model_config',
      'extra.key: This holds',
    ],
    ['llm-models', { name: 'M', tags: [`glpat-${'aB3d'.repeat(5)}`] }, 'tags', 'a key'],
    ['schedules', { name: 'S', kind: 'prompt', cron: '* * * * *', prompt: pem }, 'prompt', 'a private key'],
  ])('is never stored: of %s', async (path, input, field, sentence) => {
    const before = await at.everything();
    const wrong = await at.resources.create(resource(path), [input], ada).catch((error: unknown) => error);
    expect(wrong).toBeInstanceOf(InvalidError);
    const [said] = (wrong instanceof InvalidError ? wrong.fields[field] : undefined) ?? [];
    expect(said).toContain(sentence);
    expect(said).not.toMatch(/hunter2|MIGH|glpat/);
    expect(await at.everything()).toBe(before);
  });

  it('is refused in a line as a whole, with what to do', async () => {
    const said = await words(`prompts add name=P prompt_text="${pem.replaceAll('\n', ' ')}"`);
    expect(said).toMatch(/^This holds what looks like a private key; .*You should replace it/);
  });

  it('may be explained', async () => {
    const text =
      'A PEM begins with -----BEGIN PRIVATE KEY-----; the database is postgres://db/prod, ask ada@acme.test.';
    expect(await words(`prompts add name=Explains prompt_text="${text}"`)).toContain('is made');
  });
});
