import { looksLikeKey } from '../access/secret-reference.ts';

const names =
  /(^|[-_])(api[-_]?key|access[-_]?key|secret|password|passwd|token|authorization|cookie|credentials?)$/i;
const harmless = /^(max|num|cache|input|output|prompt|completion)_?.*tokens?$/i;

/**
 * Sentences about texts within JSON that look like secrets: configuration is shown and logged, so a
 * secret must be referred to instead. The texts themselves are not repeated.
 */
export function leakedKeys(value: unknown, path = ''): readonly string[] {
  if (typeof value === 'string') return looksLikeKey(value) ? [sentence(path)] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const place = path === '' ? key : `${path}.${key}`;
    return typeof inner === 'string' && inner !== '' && isSecretName(key)
      ? [sentence(place)]
      : leakedKeys(inner, place);
  });
}

/** Whether a value of this name is a secret whatever it looks like. */
export function isSecretName(name: string): boolean {
  return names.test(name) && !harmless.test(name);
}

function sentence(path: string): string {
  return `${path || 'It'} looks like a secret; secrets are not stored here. Put it into a variable, a file or Vault, and refer to it in the model’s secret reference.`;
}
