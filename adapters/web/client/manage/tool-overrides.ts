/** What admins decided about tools of a server, by the tools' names. */
export type Overrides = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export type Decision = 'effect' | 'offer' | 'approval';

/** Overrides as a row or the text of a form has them; undefined where they cannot be read. */
export function overridesIn(value: unknown): Overrides | undefined {
  const parsed = typeof value === 'string' ? parse(value) : value;
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined;
  const entries: readonly (readonly [string, unknown])[] = Object.entries(parsed);
  const isWhole = entries.every(([, one]) => typeof one === 'object' && one !== null);
  return isWhole ? Object.fromEntries(entries.map(([name, one]) => [name, { ...Object(one) }])) : undefined;
}

/** The same with another decision about one tool; undefined: none. What says nothing is left out. */
export function decided(
  overrides: Overrides,
  tool: string,
  [decision, value]: readonly [Decision, string | boolean | undefined],
): Overrides {
  const { [tool]: before = {}, ...others } = overrides;
  const { [decision]: _before, ...kept } = before;
  const now = value === undefined ? kept : { ...kept, [decision]: value };
  return Object.keys(now).length === 0 ? others : { ...others, [tool]: now };
}

function parse(text: string): unknown {
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
