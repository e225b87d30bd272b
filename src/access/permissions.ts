/** Permissions that are about no resource. */
const general = ['chat', 'approve', 'view_audit', 'view_usage', 'manage_access'] as const;

const verbs = ['view', 'add', 'change', 'delete'] as const;

/** The names of all permissions there are, for resources with these suffixes. */
export function permissionNames(suffixes: readonly string[]): ReadonlySet<string> {
  const ofResources = suffixes.flatMap((suffix) => verbs.map((verb) => `ai_ops.${verb}_${suffix}`));
  return new Set([...general, ...ofResources]);
}

const longest = 100;

/** Whether a text has the form of a permission, with or without wildcards: `chat`, `ai_ops.view_*`, `*`. */
export function isPermission(text: string): boolean {
  return text.length <= longest && /^[a-z_.*]+$/.test(text) && !text.includes('**');
}

/**
 * The names that a list with wildcards (`*`, `ai_ops.view_*`) stands for; what it names beyond `all` is
 * nothing. The time it takes grows with the length of a wildcard and no faster, whatever it is.
 */
export function expand(held: Iterable<string>, all: ReadonlySet<string>): ReadonlySet<string> {
  const matchers = [...held].map(matcher);
  return new Set([...all].filter((name) => matchers.some((matches) => matches(name))));
}

/** What somebody would give away with a list although they do not hold it, by name. */
export function lacking(
  held: ReadonlySet<string>,
  wanted: Iterable<string>,
  all: ReadonlySet<string>,
): readonly string[] {
  return [...expand(wanted, all)].filter((name) => !held.has(name));
}

function matcher(pattern: string): (name: string) => boolean {
  const [start = '', ...between] = pattern.split('*');
  const end = between.pop();
  if (end === undefined) return (name) => name === pattern;
  return (name) => {
    if (!name.startsWith(start) || !name.endsWith(end)) return false;
    const after = between.reduce((at, part) => pastNext(name, part, at), start.length);
    return after + end.length <= name.length;
  };
}

/** The place after the first occurrence of a part from `at` on; beyond any name when there is none. */
function pastNext(name: string, part: string, at: number): number {
  const found = name.indexOf(part, at);
  return found < at ? Number.POSITIVE_INFINITY : found + part.length;
}
