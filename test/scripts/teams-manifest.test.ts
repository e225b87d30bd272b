import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';
import { afterAll, describe, expect, it } from 'vitest';
import { faultsOf, pngSize, teamsManifest } from '../../scripts/teams-package.ts';
import { chatWords } from '../../src/chat/chat-words.ts';
import { at, isRecord, records, textOf } from '../../src/chat/json.ts';
import { resources } from '../../src/resources/index.ts';

const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url));
const source: unknown = JSON.parse(String(await read('manifest/teams/manifest.json')));
const schema: unknown = JSON.parse(
  String(
    await read(
      `node_modules/@microsoft/app-manifest/build/json-schemas/teams/v${textOf(at(source, 'manifestVersion'))}/MicrosoftTeams.schema.json`,
    ),
  ),
);
const app = {
  appId: '66666666-7777-4888-8999-aaaaaaaaaaaa',
  url: 'https://bot.example.com/',
  version: '0.1.0',
};
const folder = await mkdtemp(join(tmpdir(), 'teams-manifest-'));
afterAll(() => rm(folder, { recursive: true }));

/** Runs the script as people do. */
async function run(...given: readonly string[]) {
  const script = new URL('../../scripts/teams-manifest.ts', import.meta.url).pathname;
  return await promisify(execFile)(process.execPath, [script, ...given]);
}

function faults(manifest: unknown) {
  if (!isRecord(schema) || !isRecord(manifest)) throw new Error('Both are objects.');
  return faultsOf(manifest, schema);
}

describe('the Teams manifest', () => {
  it('is what Microsoft’s schema of its version wants', () => {
    expect(faults(teamsManifest(source, app))).toEqual([]);
    expect(faults(teamsManifest(source, { ...app, hearsAll: true }))).toEqual([]);
  });

  it('would not pass with something wrong in it', () => {
    const manifest = teamsManifest(source, app);
    expect(faults({ ...manifest, accentColor: 'blue' })).toEqual([expect.stringContaining('/accentColor')]);
    expect(faults({ ...manifest, bots: [{ scopes: ['team'] }] })).toEqual([expect.stringContaining('botId')]);
    expect(faults({ ...manifest, surprise: 1 })).not.toEqual([]);
  });

  it('names the one app and the one address everywhere', () => {
    const manifest = teamsManifest(source, app);
    expect(JSON.stringify(manifest).split(app.appId)).toHaveLength(6);
    expect(manifest).toMatchObject({
      validDomains: ['bot.example.com'],
      webApplicationInfo: { resource: `api://bot.example.com/botid-${app.appId}` },
      developer: { privacyUrl: 'https://bot.example.com' },
    });
    expect(at(manifest, 'authorization')).toBeUndefined();
    const all = teamsManifest(source, { ...app, hearsAll: true });
    expect(at(all, 'authorization', 'permissions', 'resourceSpecific')).toEqual([
      { name: 'ChannelMessage.Read.Group', type: 'Application' },
    ]);
  });

  it('lists commands that the bot knows, at most twelve in each of three lists', () => {
    const [bot] = records(at(source, 'bots'));
    const lists = records(bot?.commandLists);
    const administered = [...resources.map(({ word }) => word), 'approvals', 'usage', 'doctor'];
    expect(lists.length).toBeLessThanOrEqual(3);
    for (const list of lists) {
      const titles = records(list.commands).map(({ title }) => textOf(title));
      expect(titles.length).toBeLessThanOrEqual(12);
      expect(new Set(titles).size).toBe(titles.length);
      for (const title of titles) expect([...chatWords, 'tools', ...administered]).toContain(title);
      for (const title of ['models', 'servers', 'usage', 'doctor']) expect(titles).toContain(title);
    }
  });

  it('has icons of the sizes that Teams wants, the small one white on nothing', async () => {
    expect(pngSize(await read('manifest/teams/color.png'))).toEqual({ width: 192, height: 192 });
    const outline = await read('manifest/teams/outline.png');
    expect(pngSize(outline)).toEqual({ width: 32, height: 32 });
    const trueColorWithAlpha = 6;
    expect(outline[25]).toBe(trueColorWithAlpha);
  });

  it('is zipped with its icons, the same each time', async () => {
    const files = await Promise.all(
      ['one', 'two'].map(async (name) => {
        const out = join(folder, name, 'app.zip');
        const { stdout } = await run('--app-id', app.appId, '--url', app.url, '--out', out);
        expect(stdout).toContain(out);
        return await readFile(out);
      }),
    );
    const [first, second] = files;
    if (first === undefined || second === undefined) throw new Error('Two were made.');
    expect(first.equals(second)).toBe(true);
    const entries = unzipSync(first);
    expect(Object.keys(entries).sort()).toEqual(['color.png', 'manifest.json', 'outline.png']);
    const packed: unknown = JSON.parse(Buffer.from(entries['manifest.json'] ?? []).toString());
    expect(faults(packed)).toEqual([]);
    expect(at(packed, 'id')).toBe(app.appId);
  });

  it.each([
    [[], '--app-id and --url are needed'],
    [['--app-id', 'me', '--url', app.url], '“me” is no app id'],
    [['--app-id', app.appId, '--url', 'http://bot.example.com'], 'it begins with https://'],
    [['--app-id', app.appId, '--url', app.url, '--colour', 'red'], '--colour'],
  ])('says what is wrong with %j', async (given, sentence) => {
    const failed = await run(...given).catch((error: unknown) => error);
    expect(at(failed, 'code')).toBe(1);
    expect(textOf(at(failed, 'stderr'))).toContain(sentence);
    expect(textOf(at(failed, 'stderr'))).not.toContain('    at ');
  });
});
