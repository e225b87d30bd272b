const home = '/';
const longest = 1000;

/** A path of this bot; whatever could lead elsewhere becomes the console. */
export function localPath(wanted: string): string {
  const base = 'http://local.invalid';
  if (!wanted.startsWith('/') || wanted.length > longest || !URL.canParse(wanted, base)) return home;
  const { origin, pathname, search, hash } = new URL(wanted, base);
  // A path like `/.//host` becomes `//host`, which browsers take for another server.
  const isElsewhere = origin !== base || pathname.startsWith('//');
  return isElsewhere ? home : `${pathname}${search}${hash}`;
}
