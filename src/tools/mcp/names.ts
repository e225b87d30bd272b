import { createHash } from 'node:crypto';

/** What vendors accept as the name of a function: 1 to 64 of `[A-Za-z0-9_-]`. */
const maxName = 64;
const maxServer = 32;
const hashDigits = 8;

/**
 * The names under which a model calls one server's tools, each with the tool's own name:
 * `<server>__<tool>`, made of allowed characters, with a hash where it would be too long or would
 * clash. A name depends on nothing but this server, and no two servers can give the same name. It is
 * looked up in the map, never taken apart.
 */
export function nameTools(server: string, tools: readonly string[]): ReadonlyMap<string, string> {
  const prefix = `${serverPart(server)}__`;
  const sources = [...new Set(tools)];
  const owners = countBy(sources, clean);
  const named = new Map<string, string>();
  for (const source of sources) {
    const plain = prefix + clean(source);
    const clashes = clean(source) !== source && (owners.get(clean(source)) ?? 0) > 1;
    const name =
      clashes || plain.length > maxName || looksHashed(plain)
        ? hashed(plain, maxName, [server, source])
        : plain;
    if (!named.has(name)) named.set(name, source);
  }
  return named;
}

/**
 * A server's part may not hold the separator or end with half of it: so the first `__` of a name is
 * always the separator, and names of different servers differ.
 */
function serverPart(server: string): string {
  const plain = clean(server);
  const isPlain = plain === server && plain.length > 0 && plain.length <= maxServer;
  if (isPlain && !plain.includes('__') && !plain.endsWith('_') && !looksHashed(plain)) return plain;
  return hashed(plain.replaceAll(/_+/g, '_'), maxServer, [server]);
}

function clean(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9_-]/g, '_');
}

function looksHashed(name: string): boolean {
  return /_[0-9a-f]{8}$/.test(name);
}

function hashed(plain: string, length: number, of: readonly string[]): string {
  const digest = createHash('sha256').update(JSON.stringify(of)).digest('hex').slice(0, hashDigits);
  const head = plain.slice(0, length - hashDigits - 1).replace(/_+$/, '');
  return `${head}_${digest}`;
}

function countBy(items: readonly string[], key: (item: string) => string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1);
  return counts;
}
