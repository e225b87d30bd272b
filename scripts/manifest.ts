import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { parse, stringify } from 'yaml';
import { slackManifest } from './slack-manifest.ts';

/**
 * Prints the Slack app's manifest, to be pasted at https://api.slack.com/apps?new_app=1. `--url` is where
 * people reach the bot: then events come over HTTP; without it over Socket Mode. `--json` prints JSON.
 */
const { values } = parseArgs({
  options: { url: { type: 'string' }, json: { type: 'boolean', default: false } },
});
const source: unknown = parse(await readFile(new URL('../manifest/slack.yaml', import.meta.url), 'utf8'));
const manifest = slackManifest(source, values.url);
process.stdout.write(
  values.json ? `${JSON.stringify(manifest, null, 2)}\n` : stringify(manifest, { lineWidth: 0 }),
);
