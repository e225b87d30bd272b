import { readFile } from 'node:fs/promises';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { slackManifest } from '../../scripts/slack-manifest.ts';

const source: unknown = parse(await readFile(new URL('../../manifest/slack.yaml', import.meta.url), 'utf8'));
const schemaFile = new URL('../../../shared/schemas/slack-manifest.schema.2.0.0.json', import.meta.url);
const url = 'https://bot.example.com';

describe('the Slack manifest', () => {
  it('names the one address in all three places and at each command over HTTP, and none over Socket Mode', () => {
    const http = JSON.stringify(slackManifest(source, `${url}/`));
    expect(http.split(`${url}/slack/events`)).toHaveLength(5);
    expect(http).toContain('"socket_mode_enabled":false');
    expect(JSON.stringify(slackManifest(source, undefined))).not.toContain('https://');
    expect(() => slackManifest(source, 'http://bot.example.com')).toThrow('https://');
  });

  it('is what Slack’s schema wants, both ways, where the schema is at hand', async () => {
    const schema = await readFile(schemaFile, 'utf8').then(JSON.parse, () => undefined);
    if (schema === undefined)
      return void process.stderr.write('Not run: the schema of Slack’s manifests is absent.\n');
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema);
    for (const manifest of [slackManifest(source, url), slackManifest(source, undefined)]) {
      validate(manifest);
      expect(validate.errors ?? []).toEqual([]);
    }
  });
});
