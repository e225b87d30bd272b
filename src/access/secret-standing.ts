import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseVaultReference } from './secret-reference.ts';
import type { SecretSources } from './secrets.ts';

/** How references to secrets stand, without asking for any secret. */
export interface SecretStanding {
  /** Why a reference that is written well can never lead anywhere here, as a sentence. */
  refusal(reference: string): string | undefined;
  /** What is only missing now, as a sentence. Undefined: it is there, or only Vault can tell. */
  missing(reference: string): string | undefined;
}

export interface StandingOptions extends Pick<SecretSources, 'env' | 'dir'> {
  /** Names of variables that may be named; `*` matches anything. */
  readonly names: readonly string[];
  readonly mayName: (variable: string) => boolean;
  readonly hasVault: boolean;
}

/** See `SecretStanding`. A plain name is not repeated while it may be a secret in the place of its name. */
export function secretStanding({ env, dir, names, mayName, hasVault }: StandingOptions): SecretStanding {
  const variables = new Set(Object.keys(env));
  const inAnyCase = new Set([...variables].map((name) => name.toLowerCase()));
  const allowed = `variables that AI_OPS_SECRET_ENV allows, which are ${names.join(', ')}`;

  return {
    refusal(reference) {
      if (/^(?:file|vault):/.test(reference)) return undefined;
      const isNamed = reference.startsWith('env:');
      const name = isNamed ? reference.slice('env:'.length) : reference;
      if (mayName(name)) return undefined;
      return isNamed
        ? `${name} may not be named here: only ${allowed}. Put the secret into one of those.`
        : `This names no secret. A name alone stands for one of the ${allowed}. Write env:NAME, file:name or vault:mount/path#field; a secret itself is not taken.`;
    },
    missing(reference) {
      if (parseVaultReference(reference) !== undefined)
        return hasVault ? undefined : `${reference} needs VAULT_ADDR, which is not set.`;
      if (reference.startsWith('file:')) return missingFile(reference.slice('file:'.length), dir);
      const isNamed = reference.startsWith('env:');
      const name = isNamed ? reference.slice('env:'.length) : reference;
      const isThere = isNamed ? variables.has(name) : inAnyCase.has(name.toLowerCase());
      return isThere ? undefined : `${name} is not set in the bot’s environment yet.`;
    },
  };
}

function missingFile(name: string, dir: string | undefined): string | undefined {
  if (dir === undefined) return `file:${name} needs AI_OPS_SECRETS_DIR, which is not set.`;
  return existsSync(join(dir, name)) ? undefined : `There is no file ${name} in AI_OPS_SECRETS_DIR yet.`;
}
