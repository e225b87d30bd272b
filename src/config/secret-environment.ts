import { isOwnCredential } from '../access/own-credentials.ts';
import type { Variables } from './contradictions.ts';
import { defined } from './kinds.ts';

/** The names that may be named where nobody says. */
export const defaultSecretNames = ['*_KEY', '*_TOKEN', '*_SECRET', '*_PASSWORD'] as const;

/** The part of the environment that resources may name; the bot's own credentials are never in it. */
export function secretEnvironment(
  env: Variables,
  names: readonly string[] = defaultSecretNames,
): Readonly<Record<string, string>> {
  const mayName = mayNameVariable(names);
  return defined(Object.fromEntries(Object.entries(env).filter(([name]) => mayName(name))));
}

/** Whether a variable matches one of these names and is none of the bot’s own credentials. */
export function mayNameVariable(names: readonly string[]): (name: string) => boolean {
  const allowed = names.map((name) => name.toUpperCase().split('*'));
  return (name) => !isOwnCredential(name) && allowed.some((parts) => isLike(name.toUpperCase(), parts));
}

/** Whether it is these parts with anything between them; in time linear to the name. */
function isLike(name: string, [first = '', ...parts]: readonly string[]): boolean {
  const last = parts.pop();
  if (last === undefined) return name === first;
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last))
    return false;
  let left = name.slice(first.length, name.length - last.length);
  return parts.every((part) => {
    const at = left.indexOf(part);
    left = left.slice(at + part.length);
    return at >= 0;
  });
}
