import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type SecretStanding, secretStanding } from '../../src/access/secret-standing.ts';
import { defaultSecretNames, mayNameVariable } from '../../src/config/secret-environment.ts';

let standing: SecretStanding;
beforeAll(async () => {
  const dir = await mkdtemp(join(tmpdir(), 'standing-'));
  await writeFile(join(dir, 'here'), 'x');
  standing = secretStanding({
    env: { OPENAI_API_KEY: 'x' },
    names: defaultSecretNames,
    mayName: mayNameVariable(defaultSecretNames),
    hasVault: false,
    dir,
  });
});

describe('a reference to a secret', () => {
  it.each(['env:OPENAI_API_KEY', 'openai_api_key', 'env:NO_SUCH_KEY', 'file:gone', 'vault:kv/bot#key'])(
    'may be %j, which can lead somewhere',
    (reference) => expect(standing.refusal(reference)).toBeUndefined(),
  );

  it.each([
    [
      'env:HOME',
      /^HOME may not be named here: only variables that AI_OPS_SECRET_ENV allows, which are \*_KEY/,
    ],
    ['env:AI_OPS_ENCRYPTION_KEY', /^AI_OPS_ENCRYPTION_KEY may not be named/],
    ['hunter2', /^This names no secret\. A name alone stands for one of the variables/],
  ])('that never can is refused with the reason: %j', (reference, why) => {
    expect(standing.refusal(reference)).toMatch(why);
    expect(standing.refusal('hunter2')).not.toContain('hunter2');
  });

  it.each([
    ['env:NO_SUCH_KEY', 'NO_SUCH_KEY is not set in the bot’s environment yet.'],
    ['no_such_key', 'no_such_key is not set in the bot’s environment yet.'],
    ['env:openai_api_key', 'openai_api_key is not set in the bot’s environment yet.'],
    ['file:gone', 'There is no file gone in AI_OPS_SECRETS_DIR yet.'],
    ['vault:kv/bot#key', 'vault:kv/bot#key needs VAULT_ADDR, which is not set.'],
  ])('may lack what is not there yet: %j', (reference, what) => {
    expect(standing.missing(reference)).toBe(what);
  });

  it.each(['env:OPENAI_API_KEY', 'OpenAI_api_key', 'file:here'])('lacks nothing: %j', (reference) => {
    expect(standing.missing(reference)).toBeUndefined();
  });
});
