import { readdir } from 'node:fs/promises';
import type { SecretSources } from './secrets.ts';

/** References that resources may name, never what they lead to. Vault tells nobody what it holds. */
export type SecretNames = () => Promise<readonly string[]>;

/** The allowed part of the environment, and the files of the one folder. Never throws. */
export function secretNames({ env, dir }: Pick<SecretSources, 'env' | 'dir'>): SecretNames {
  return async () => {
    const variables = Object.keys(env).filter((name) => env[name] !== '');
    return [...variables.sort().map((name) => `env:${name}`), ...(await filesOf(dir))];
  };
}

/** Kubernetes mounts links beside folders whose names begin with dots. */
async function filesOf(dir: string | undefined): Promise<readonly string[]> {
  if (dir === undefined) return [];
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => (entry.isFile() || entry.isSymbolicLink()) && plainName.test(entry.name))
    .map(({ name }) => `file:${name}`)
    .sort();
}

const plainName = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
