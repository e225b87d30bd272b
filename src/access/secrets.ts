import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Resolves a secret reference to the secret, when it is used and never before. */
export type ResolveSecret = (reference: string) => Promise<string>;

/** A reference leads nowhere. Names the reference, never a value. */
export class SecretError extends Error {
  override readonly name = 'SecretError';
}

export interface SecretSources {
  /** The part of the environment that resources may name. */
  readonly env: Readonly<Record<string, string>>;
  /** The one folder of `file:` references. */
  readonly dir?: string;
}

/**
 * `env:NAME` and `file:name` are looked up; a plain name is the reference app's form and means an
 * environment variable of that name in any case. Throws `SecretError`.
 */
export function secretResolver(sources: SecretSources): ResolveSecret {
  return async (reference) => {
    if (reference.startsWith('file:')) return await fromFile(reference, sources.dir);
    const name = reference.startsWith('env:') ? reference.slice(4) : reference;
    const value =
      sources.env[name] ?? (reference.startsWith('env:') ? undefined : anyCase(sources.env, name));
    if (value === undefined) throw new SecretError(missing(reference));
    return value;
  };
}

function anyCase(env: SecretSources['env'], name: string): string | undefined {
  return Object.entries(env).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
}

function missing(reference: string): string {
  return `The secret ${reference} is not there. Set that environment variable; its name must match AI_OPS_SECRET_ENV.`;
}

async function fromFile(reference: string, dir: string | undefined): Promise<string> {
  const name = reference.slice('file:'.length);
  if (dir === undefined) throw new SecretError(`The secret ${reference} needs AI_OPS_SECRETS_DIR.`);
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name))
    throw new SecretError(`The secret ${reference} is not a plain file name.`);
  try {
    return (await readFile(join(dir, name), 'utf8')).trim();
  } catch (error) {
    throw new SecretError(`The secret ${reference} cannot be read from AI_OPS_SECRETS_DIR.`, {
      cause: error,
    });
  }
}

/** Replaces values of the form `env:…` or `file:…`; all others are plain. */
export async function resolveValues(
  values: Readonly<Record<string, string>>,
  resolve: ResolveSecret,
): Promise<Readonly<Record<string, string>>> {
  const entries = Object.entries(values).map(
    async ([key, value]) => [key, await resolveValue(value, resolve)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

/** A secret may be part of a value: `Bearer env:NAME`. */
async function resolveValue(value: string, resolve: ResolveSecret): Promise<string> {
  const match = /^(.*?)((?:env|file):[A-Za-z0-9._-]+)$/.exec(value);
  return match?.[2] === undefined ? value : `${match[1] ?? ''}${await resolve(match[2])}`;
}
