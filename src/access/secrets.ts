import { readFile, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isOwnCredential } from './own-credentials.ts';
import { looksLikeKey, referenceIn } from './secret-reference.ts';

/** Resolves a secret reference to the secret, when it is used and never before. */
export type ResolveSecret = (reference: string) => Promise<string>;

/**
 * A reference leads nowhere. Names a reference that says what it is; a plain name is not repeated,
 * because it may be a secret that somebody put in the place of its name.
 */
export class SecretError extends Error {
  override readonly name = 'SecretError';
}

/** One place of secrets. */
export interface SecretSource {
  /** Throws `SecretError`. */
  read(reference: string): Promise<string>;
  /** The next `read` asks again. */
  forget(reference: string): void;
}

export interface SecretSources {
  /** The part of the environment that resources may name. */
  readonly env: Readonly<Record<string, string>>;
  /** The one folder of `file:` references. */
  readonly dir?: string;
  /** What `vault:` references lead to. */
  readonly vault?: SecretSource;
  /** Hears of every secret that is handed out, so that it can be kept out of the log. */
  readonly handedOut?: (secret: string) => void;
}

/** All secrets behind one door. */
export interface Secrets {
  readonly resolve: ResolveSecret;
  /** For whoever was refused with a secret: it may have been replaced, and is asked for anew. */
  forget(reference: string): void;
}

/**
 * `env:NAME`, `file:name` and `vault:mount/path#field` are looked up; a plain name is the reference
 * app's form and means an environment variable of that name in any case. `resolve` throws `SecretError`.
 */
export function createSecrets(sources: SecretSources): Secrets {
  return {
    async resolve(reference) {
      const secret = await look(reference, sources);
      sources.handedOut?.(secret);
      return secret;
    },
    forget(reference) {
      if (reference.startsWith('vault:')) sources.vault?.forget(reference);
    },
  };
}

async function look(reference: string, { env, dir, vault }: SecretSources): Promise<string> {
  if (reference.startsWith('file:')) return await fromFile(reference, dir);
  if (!reference.startsWith('vault:')) return fromEnvironment(reference, env);
  if (vault === undefined)
    throw new SecretError('A secret that is named by vault: needs VAULT_ADDR and a way to sign in there.');
  return await vault.read(reference);
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
  if (isNamed) return `The secret env:${name} is not there. ${howToSet}`;
  const subject = looksLikeKey(name) ? 'The secret with that plain name' : `The secret ${name}`;
  return `${subject} is not there. ${howToSet}`;
}

const howToSet =
  'Set the environment variable of that name and start the bot again; the name must match AI_OPS_SECRET_ENV.';

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

/** Replaces values that are or end in `env:…`, `file:…` or `vault:…`; all others are plain. */
export async function resolveValues(
  values: Readonly<Record<string, string>>,
  resolve: ResolveSecret,
): Promise<Readonly<Record<string, string>>> {
  const entries = Object.entries(values).map(
    async ([key, value]) => [key, await resolveValue(value, resolve)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

async function resolveValue(value: string, resolve: ResolveSecret): Promise<string> {
  const found = referenceIn(value);
  return found === undefined ? value : `${found.before}${await resolve(found.reference)}`;
}
