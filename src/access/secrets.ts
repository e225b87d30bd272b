import { readFile, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isOwnCredential } from './own-credentials.ts';

/** Resolves a secret reference to the secret, when it is used and never before. */
export type ResolveSecret = (reference: string) => Promise<string>;

/**
 * A reference leads nowhere. Names a reference that says what it is; a plain name is not repeated,
 * because it may be a secret that somebody put in the place of its name.
 */
export class SecretError extends Error {
  override readonly name = 'SecretError';
}

export interface SecretSources {
  /** The part of the environment that resources may name. */
  readonly env: Readonly<Record<string, string>>;
  /** The one folder of `file:` references. */
  readonly dir?: string;
  /** Hears of every secret that is handed out, so that it can be kept out of the log. */
  readonly handedOut?: (secret: string) => void;
}

/**
 * `env:NAME` and `file:name` are looked up; a plain name is the reference app's form and means an
 * environment variable of that name in any case. Throws `SecretError`.
 */
export function secretResolver(sources: SecretSources): ResolveSecret {
  return async (reference) => {
    const secret = reference.startsWith('file:')
      ? await fromFile(reference, sources.dir)
      : fromEnvironment(reference, sources.env);
    sources.handedOut?.(secret);
    return secret;
  };
}

function fromEnvironment(reference: string, env: SecretSources['env']): string {
  const isNamed = reference.startsWith('env:');
  const name = isNamed ? reference.slice('env:'.length) : reference;
  const found =
    Object.entries(env).find(([key]) => key === name) ?? (isNamed ? undefined : anyCase(env, name));
  if (found === undefined) throw new SecretError(missing(name, isNamed));
  return found[1];
}

function anyCase(env: SecretSources['env'], name: string) {
  return Object.entries(env).find(([key]) => key.toLowerCase() === name.toLowerCase());
}

function missing(name: string, isNamed: boolean): string {
  if (isOwnCredential(name))
    return `The secret ${isNamed ? `env:${name}` : 'with that plain name'} may never be named: it is one of the bot’s own credentials. Put the value into a variable of another name.`;
  const subject = isNamed ? `The secret env:${name}` : 'The secret with that plain name';
  return `${subject} is not there. Refer to it as env:NAME and set that environment variable; its name must match AI_OPS_SECRET_ENV.`;
}

async function fromFile(reference: string, dir: string | undefined): Promise<string> {
  const name = reference.slice('file:'.length);
  if (dir === undefined) throw new SecretError(`The secret ${reference} needs AI_OPS_SECRETS_DIR.`);
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name))
    throw new SecretError(`The secret ${reference} is not a plain file name.`);
  const secret = await readInside(dir, name).catch((error: unknown) => {
    throw new SecretError(`The secret ${reference} cannot be read from AI_OPS_SECRETS_DIR.`, {
      cause: error,
    });
  });
  if (secret === '') throw new SecretError(`The secret ${reference} is empty.`);
  return secret;
}

/** Follows links only within the folder, as Kubernetes lays out mounted secrets. */
async function readInside(dir: string, name: string): Promise<string> {
  const [folder, path] = await Promise.all([realpath(dir), realpath(join(dir, name))]);
  const isInside = path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
  if (!isInside) throw new Error(`it leads out of the folder, to ${dirname(path)}`);
  return (await readFile(path, 'utf8')).trim();
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

/** A secret may be the last word of a value: `Bearer env:NAME`. */
async function resolveValue(value: string, resolve: ResolveSecret): Promise<string> {
  const match = /^(.*\s)?((?:env|file):[A-Za-z0-9._-]+)$/s.exec(value);
  return match?.[2] === undefined ? value : `${match[1] ?? ''}${await resolve(match[2])}`;
}
