import { z } from 'zod';
import type { Clock, Log } from '../observe/port.ts';
import { parseVaultReference, type VaultReference } from './secret-reference.ts';
import { SecretError, type SecretSource } from './secrets.ts';
import { createAskVault, type VaultAnswer, VaultError, type VaultPlace, wordsOf } from './vault-http.ts';
import { createVaultSession, type VaultSignIn } from './vault-session.ts';

/** What the environment tells about Vault. */
export interface VaultSettings extends VaultPlace {
  readonly signIn: VaultSignIn;
}

export interface VaultOptions extends VaultSettings {
  readonly clock: Clock;
  readonly log: Log;
  /** Hears of the tokens of the bot itself, so that they can be kept out of the log. */
  readonly handedOut?: (secret: string) => void;
}

export interface Vault extends SecretSource {
  /** Keeps the token good while nothing is read. Throws `VaultError`. */
  tend(): Promise<void>;
}

/** KV version 2 has no leases: a secret that was read is good for so long. */
const keptMs = 60_000;

type Fields = Readonly<Record<string, unknown>>;

/**
 * Secrets in the KV version 2 engines of a HashiCorp Vault
 * (https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2). Those of one path are read
 * together, once at a time.
 */
export function createVault(options: VaultOptions): Vault {
  const { clock, log, signIn, handedOut = () => undefined } = options;
  const ask = createAskVault(options);
  const session = createVaultSession({ signIn, ask, clock, log, handedOut });
  const known = new Map<string, { readonly until: number; readonly fields: Promise<Fields> }>();

  async function get(path: string): Promise<VaultAnswer> {
    const token = await session.token();
    const answer = await ask({ method: 'GET', path, token });
    if (answer.status !== 403 || !(await session.isReplaceable(token))) return answer;
    return await ask({ method: 'GET', path, token: await session.token() });
  }

  function fieldsAt(reference: VaultReference): Promise<Fields> {
    const now = clock.now();
    for (const [path, { until }] of known) if (now >= until) known.delete(path);
    const path = pathOf(reference);
    const found = known.get(path);
    if (found !== undefined) return found.fields;
    const entry = { until: now + keptMs, fields: get(path).then((answer) => fieldsOf(answer, reference)) };
    known.set(path, entry);
    entry.fields.catch(() => {
      if (known.get(path) === entry) known.delete(path);
    });
    return entry.fields;
  }

  return {
    async read(text) {
      const reference = parsed(text);
      try {
        return fieldOf(await fieldsAt(reference), reference);
      } catch (cause) {
        if (!(cause instanceof VaultError)) throw cause;
        throw new SecretError(`The secret ${text} cannot be read. ${cause.message}`, { cause });
      }
    },
    forget(text) {
      const reference = parseVaultReference(text);
      if (reference !== undefined) known.delete(pathOf(reference));
    },
    tend: session.tend,
  };
}

/** The text may be a secret that somebody put in the place of a path; it is not repeated. */
function parsed(text: string): VaultReference {
  const reference = parseVaultReference(text);
  if (reference === undefined)
    throw new SecretError(
      'A secret that begins with vault: is not named as vault:mount/path#field. Correct the reference.',
    );
  return reference;
}

function pathOf({ mount, path }: VaultReference): string {
  return [...mount.split('/'), 'data', ...path.split('/')].map(encodeURIComponent).join('/');
}

const secretSchema = z.object({ data: z.object({ data: z.record(z.string(), z.unknown()) }) });

function fieldsOf(answer: VaultAnswer, reference: VaultReference): Fields {
  if (answer.status !== 200) throw new VaultError(refusalOf(answer, reference));
  const secret = secretSchema.safeParse(answer.body);
  if (!secret.success)
    throw new VaultError(
      `What Vault answered is not a secret of a KV version 2 engine. Check VAULT_ADDR and the mount ${reference.mount}.`,
    );
  return secret.data.data.data;
}

function refusalOf(answer: VaultAnswer, { mount, path }: VaultReference): string {
  const { status } = answer;
  if (status === 403)
    return `Vault does not let the bot read it (403${wordsOf(answer)}). Give its policy read on ${mount}/data/${path}, and check its token and VAULT_NAMESPACE.`;
  if (status !== 404) return `Vault refuses it (${status}${wordsOf(answer)}). Check the reference.`;
  return (
    goneSentence(answer.body) ??
    `Vault has nothing at ${path} of a KV version 2 engine ${mount}. Check the mount, the path and VAULT_NAMESPACE.`
  );
}

const goneSchema = z.object({
  data: z.object({
    metadata: z.object({ deletion_time: z.string().default(''), destroyed: z.boolean().default(false) }),
  }),
});

/** A deleted version is a 404 that still tells about itself. */
function goneSentence(body: unknown): string | undefined {
  const metadata = goneSchema.safeParse(body).data?.data.metadata;
  if (metadata === undefined) return undefined;
  if (metadata.destroyed) return 'Its latest version was destroyed. Write it again.';
  return `Its latest version was deleted (${metadata.deletion_time}). Undelete it or write it again.`;
}

function fieldOf(fields: Fields, { field }: VaultReference): string {
  const value = Object.hasOwn(fields, field) ? fields[field] : undefined;
  if (value === undefined)
    throw new VaultError(`The secret is there, but it has no field ${field}. Check the word after #.`);
  if (typeof value !== 'string')
    throw new VaultError(`Its field ${field} is not a text. Write it as a string.`);
  const secret = value.trim();
  if (secret === '') throw new VaultError(`Its field ${field} is empty. Write the secret into it.`);
  return secret;
}
