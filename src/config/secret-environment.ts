import { isOwnCredential } from '../access/own-credentials.ts';
import type { Variables } from './contradictions.ts';
import { defined } from './kinds.ts';

const defaultNames = ['*_KEY', '*_TOKEN', '*_SECRET', '*_PASSWORD'] as const;

/** The part of the environment that resources may name; the bot's own credentials are never in it. */
export function secretEnvironment(
  env: Variables,
  names: readonly string[] = defaultNames,
): Readonly<Record<string, string>> {
  const allowed = names.map((name) => new RegExp(`^${name.split(/\*+/).map(escapeRegExp).join('.*')}$`, 'i'));
  const entries = Object.entries(env).filter(
    ([name]) => !isOwnCredential(name) && allowed.some((pattern) => pattern.test(name)),
  );
  return defined(Object.fromEntries(entries));
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
