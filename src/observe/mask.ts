/** Keeps secrets out of what is written. */
export interface Mask {
  add(secret: string): void;
  /** The text with every known secret replaced by `***`. */
  apply(text: string): string;
}

/** Shorter values are no secrets, and would be found in ordinary words. */
const shortestSecret = 8;

/** A mask that knows these secrets from the start, as they are and as JSON writes them. */
export function createMask(secrets: Iterable<string>): Mask {
  const known = new Set<string>();
  const add = (secret: string) => {
    if (secret.length < shortestSecret) return;
    known.add(secret).add(JSON.stringify(secret).slice(1, -1));
  };
  for (const secret of secrets) add(secret);
  return {
    add,
    apply: (text) => [...known].reduce((masked, secret) => masked.replaceAll(secret, '***'), text),
  };
}
