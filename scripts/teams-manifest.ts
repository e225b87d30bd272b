import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { faultsOf, teamsManifest, teamsPackage } from './teams-package.ts';

/**
 * Writes the app that people upload to Teams: `npm run teams:manifest -- --app-id <id> --url https://…`, with
 * the Azure Bot's app id and where the bot is reached. `--hear-all` asks for the right to hear messages
 * without a mention; `--out` names the file.
 */
const usage = 'npm run teams:manifest -- --app-id <app id of the Azure Bot> --url https://bot.example.com';

const here = (path: string) => new URL(path, import.meta.url);
const json = async (path: string | URL): Promise<unknown> => JSON.parse(await readFile(path, 'utf8'));

async function main(): Promise<string> {
  const { values } = parseArgs({
    options: {
      'app-id': { type: 'string' },
      url: { type: 'string' },
      out: { type: 'string', default: 'data/teams-app.zip' },
      'hear-all': { type: 'boolean', default: false },
    },
  });
  const { 'app-id': appId, url, out, 'hear-all': hearsAll } = values;
  if (appId === undefined || url === undefined) throw new Error(`--app-id and --url are needed: ${usage}`);
  const { version } = await versionOf(here('../package.json'));
  const manifest = teamsManifest(await json(here('../manifest/teams/manifest.json')), {
    appId,
    url,
    version,
    hearsAll,
  });
  const faults = faultsOf(manifest, await schemaOf(String(manifest.manifestVersion)));
  if (faults.length > 0) throw new Error(`manifest/teams/manifest.json is wrong:\n${faults.join('\n')}`);
  const [color, outline] = await Promise.all(
    ['color', 'outline'].map((name) => readFile(here(`../manifest/teams/${name}.png`))),
  );
  if (color === undefined || outline === undefined) throw new Error('manifest/teams has no icons.');
  await mkdir(dirname(out), { recursive: true });
  await writeFile(out, teamsPackage(manifest, { color, outline }));
  return `${out} is ready: upload it in Teams, Apps, Manage your apps.\n`;
}

async function versionOf(path: URL): Promise<{ readonly version: string }> {
  const read = await json(path);
  const found = typeof read === 'object' && read !== null && 'version' in read ? read.version : undefined;
  return { version: typeof found === 'string' ? found : '0.0.0' };
}

/** Microsoft's own, of the installed package: nothing is fetched. */
async function schemaOf(version: string): Promise<object> {
  const index = createRequire(import.meta.url).resolve('@microsoft/app-manifest');
  const path = new URL(`json-schemas/teams/v${version}/MicrosoftTeams.schema.json`, pathToFileURL(index));
  const schema = await json(path);
  if (typeof schema !== 'object' || schema === null)
    throw new Error(`There is no schema of version ${version}.`);
  return schema;
}

try {
  process.stdout.write(await main());
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
