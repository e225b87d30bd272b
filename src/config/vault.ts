import { z } from 'zod';
import type { VaultSettings } from '../access/vault.ts';
import type { VaultSignIn } from '../access/vault-session.ts';
import type { Variables } from './contradictions.ts';

const mount = z
  .string()
  .regex(/^\/?(?!\.)[\w.-]+(\/(?!\.)[\w.-]+)*\/?$/, { error: 'must be a path like approle or team/approle' })
  .transform((path) => path.replaceAll(/^\/|\/$/g, ''));
const word = z.string().regex(/^[\x21-\x7e]+$/, { error: 'must not contain spaces or line breaks' });

/** Where HashiCorp's own tools have a variable, by the same name. */
const variables = {
  VAULT_ADDR: z
    .string()
    .refine(isAddress, {
      error: 'must be a URL like https://vault.example.com:8200, without a user name or a query',
    })
    .optional()
    .describe('HashiCorp Vault, for secrets that resources may use as `vault:mount/path#field`.'),
  VAULT_NAMESPACE: word.optional().describe('Its namespace.'),
  VAULT_CACERT: z
    .string()
    .optional()
    .describe('A PEM file with the CAs that its certificate may be from, instead of those of the system.'),
  VAULT_TOKEN: word.optional().describe('Signs in with this token, and renews it.'),
  VAULT_ROLE_ID: word.optional().describe('Or: signs in with this AppRole …'),
  VAULT_SECRET_ID: word.optional().describe('… and its secret id.'),
  VAULT_APPROLE_MOUNT: mount.default('approle').describe('Where AppRole is mounted.'),
  VAULT_K8S_ROLE: word
    .optional()
    .describe('Or: signs in with the pod’s service account, by this role of Kubernetes.'),
  VAULT_K8S_MOUNT: mount.default('kubernetes').describe('Where Kubernetes is mounted.'),
  VAULT_K8S_TOKEN_PATH: z
    .string()
    .default('/var/run/secrets/kubernetes.io/serviceaccount/token')
    .describe('The service account’s token.'),
};

const schema = z.object(variables);
type Parsed = z.infer<typeof schema>;

function isAddress(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) return false;
  return [url.username, url.password, url.search, url.hash].every((part) => part === '');
}

const ways = ['VAULT_TOKEN', 'VAULT_ROLE_ID', 'VAULT_K8S_ROLE'] as const;

/** What is right by itself but not together: there is exactly one way to sign in, and a place to do it. */
function contradictions(env: Variables): readonly string[] {
  const { VAULT_ADDR, VAULT_ROLE_ID, VAULT_SECRET_ID } = env;
  const chosen = ways.filter((name) => env[name] !== undefined);
  const first = chosen[0] ?? (VAULT_SECRET_ID === undefined ? undefined : 'VAULT_SECRET_ID');
  return [
    ...(VAULT_ADDR === undefined && first !== undefined
      ? [`VAULT_ADDR must be set, because ${first} is.`]
      : []),
    ...(VAULT_ADDR !== undefined && first === undefined
      ? [
          'VAULT_TOKEN, VAULT_ROLE_ID with VAULT_SECRET_ID, or VAULT_K8S_ROLE must be set, because VAULT_ADDR is.',
        ]
      : []),
    ...(chosen.length > 1
      ? [
          `${chosen.slice(1).join(' and ')} must not be set, because ${chosen[0]} is: there is one way to sign in.`,
        ]
      : []),
    ...(VAULT_ROLE_ID !== undefined && VAULT_SECRET_ID === undefined
      ? ['VAULT_SECRET_ID must be set, because VAULT_ROLE_ID is.']
      : []),
    ...(VAULT_ROLE_ID === undefined && VAULT_SECRET_ID !== undefined
      ? ['VAULT_ROLE_ID must be set, because VAULT_SECRET_ID is.']
      : []),
  ];
}

/** Where Vault is and how to sign in; undefined without one. */
function read(given: Parsed): VaultSettings | undefined {
  const { VAULT_ADDR: address, VAULT_NAMESPACE: namespace, VAULT_CACERT: caFile } = given;
  const signIn = signInOf(given);
  if (address === undefined || signIn === undefined) return undefined;
  return {
    address,
    signIn,
    ...(namespace === undefined ? {} : { namespace }),
    ...(caFile === undefined ? {} : { caFile }),
  };
}

function signInOf(given: Parsed): VaultSignIn | undefined {
  const { VAULT_TOKEN: token, VAULT_ROLE_ID: roleId, VAULT_SECRET_ID: secretId } = given;
  if (token !== undefined) return { kind: 'token', token };
  if (roleId !== undefined && secretId !== undefined)
    return { kind: 'approle', mount: given.VAULT_APPROLE_MOUNT, roleId, secretId };
  const { VAULT_K8S_ROLE: role, VAULT_K8S_TOKEN_PATH: tokenPath } = given;
  if (role === undefined) return undefined;
  return { kind: 'kubernetes', mount: given.VAULT_K8S_MOUNT, role, tokenPath };
}

/** The secrets among the settings. */
function secrets(settings: VaultSettings | undefined): readonly string[] {
  if (settings?.signIn.kind === 'token') return [settings.signIn.token];
  return settings?.signIn.kind === 'approle' ? [settings.signIn.secretId] : [];
}

/** All that the environment says of Vault. */
export const vaultConfig = { variables, contradictions, read, secrets };
