import { heldSecret } from './held-secret.ts';
import { isOwnCredential } from './own-credentials.ts';

/** A field of a secret in a KV version 2 engine of HashiCorp Vault. */
export interface VaultReference {
  /** Where the engine is mounted; may hold slashes. */
  readonly mount: string;
  readonly path: string;
  readonly field: string;
}

const key =
  /^sk-|^(?:sk|pk|hf|gsk|xai|pplx|ghp)[-_](?=.*\d).{16,}|^A[KS]IA[A-Z0-9]{16}$|(?:^|\s)[A-Za-z0-9+/_-]{40,}={0,2}$|[A-Za-z0-9]{32,}/;
const simple = /^(?:env:[A-Za-z_][A-Za-z0-9_]*|file:[A-Za-z0-9][A-Za-z0-9._-]*|[A-Za-z_][A-Za-z0-9_]*)$/;

/** Whether a text is probably a secret rather than the place of one. */
export function looksLikeKey(text: string): boolean {
  if (parseVaultReference(text) !== undefined) return false;
  return heldSecret(text) !== undefined || key.test(text.replace(/^(?:env|file|vault):/, ''));
}

/** `env:NAME`, `file:name`, `vault:mount/path#field`, or the plain name of a variable. */
export function isSecretReference(text: string): boolean {
  return simple.test(text) || parseVaultReference(text) !== undefined;
}

/** Why a text may not stand where a secret reference is asked for; the text is not repeated. */
export function refusalOf(text: string): string | undefined {
  if (looksLikeKey(text)) {
    return 'This looks like a key; keys are not stored here. Put it into a variable, a file or Vault, and name that.';
  }
  if (!isSecretReference(text)) {
    return 'Write env:NAME, file:name, vault:mount/path#field, or the plain name of a variable.';
  }
  const name = text.startsWith('env:') ? text.slice('env:'.length) : text;
  if (!/^(?:file|vault):/.test(text) && isOwnCredential(name)) {
    return 'This is one of the bot’s own credentials, which nothing may name. Put the value into a variable of another name.';
  }
  return undefined;
}

/** A path that could leave its engine is refused here, so that no request is ever made of it. */
const segment = /^(?!\.{1,2}$)[^\s/#?%\\]+$/;

/** The parts of `vault:mount/path#field`. A slash within the mount is written as `%2F`. */
export function parseVaultReference(text: string): VaultReference | undefined {
  const match = /^vault:([^/#]+)\/([^#]+)#([^#\s]+)$/.exec(text);
  if (match === null) return undefined;
  const [, written = '', path = '', field = ''] = match;
  const mount = written.replaceAll(/%2f/gi, '/');
  const isSound = `${mount}/${path}`.split('/').every((part) => segment.test(part));
  return isSound ? { mount, path, field } : undefined;
}

/** The reference that a value is or ends in, as in `Bearer env:NAME`, and what stands before it. */
export function referenceIn(
  value: string,
): { readonly before: string; readonly reference: string } | undefined {
  const match = /^(.*\s)?((?:env|file):[A-Za-z0-9._-]+|vault:[^\s#]+\/[^\s#]+#[^\s#]+)$/s.exec(value);
  const [, before = '', reference] = match ?? [];
  return reference === undefined ? undefined : { before, reference };
}
