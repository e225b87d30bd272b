/** One tool of a server, as its answer tells of it. */
export interface ListedTool {
  /** As its server calls it. */
  readonly name: string;
  /** As models call it. */
  readonly fullName: string;
  readonly description: string;
  readonly effect: string;
  readonly isOffered: boolean;
  readonly asks: boolean;
  /** What the server says of it, in words. */
  readonly hints: string;
  readonly pinned: Pinned;
}

/** `new` and `changed` wait for somebody to accept them. */
export type PinState = 'accepted' | 'new' | 'changed' | 'revoked';

/** A definition as it was listed, and what was decided about it. */
export interface Pinned {
  readonly kind: 'tool' | 'instructions';
  readonly name: string;
  readonly hash: string;
  readonly state: PinState;
  /** Who accepted it or took it back. */
  readonly by: string;
  /** What the server says, for people to read. */
  readonly text: string;
  /** What differs from what was accepted. */
  readonly changes: readonly ToolChange[];
  /** All of it as JSON; empty where the text is all. */
  readonly definition: string;
}

/** A place in which a definition differs from the accepted one. */
export interface ToolChange {
  readonly part: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** What a server lists. */
export interface ToolListing {
  readonly tools: readonly ListedTool[];
  /** Its words on how to use it. */
  readonly instructions: (Pinned & { readonly isUsed: boolean }) | undefined;
}

/** Reads the answer of an action as a list of tools; undefined where it is something else. */
export function readTools(result: unknown): ToolListing | undefined {
  if (!isRecord(result) || !Array.isArray(result.tools)) return undefined;
  const tools: readonly unknown[] = result.tools;
  const known = tools.filter(isRecord).filter((tool) => 'name' in tool && 'effect' in tool);
  if (known.length < tools.length) return undefined;
  const { instructions } = result;
  return {
    tools: known.map(toolOf),
    instructions: isRecord(instructions) ? instructionsOf(instructions) : undefined,
  };
}

type Values = Readonly<Record<string, unknown>>;

function toolOf(tool: Values): ListedTool {
  return {
    name: String(tool.name),
    fullName: String(tool.full_name ?? ''),
    description: String(tool.description ?? ''),
    effect: String(tool.effect),
    isOffered: tool.is_offered !== false,
    asks: tool.asks === true,
    hints: isRecord(tool.hints) ? hintsOf(tool.hints) : '',
    pinned: {
      ...pinOf(tool),
      kind: 'tool',
      name: String(tool.name),
      text: String(tool.description ?? ''),
      changes: Array.isArray(tool.changes) ? tool.changes.filter(isRecord).map(changeOf) : [],
      definition: isRecord(tool.definition) ? JSON.stringify(tool.definition, null, 2) : '',
    },
  };
}

function instructionsOf(said: Values): ToolListing['instructions'] {
  const text = String(said.text ?? '');
  const accepted = textIn(said.accepted);
  const change = { part: 'instructions', before: accepted, after: text };
  return {
    ...pinOf(said),
    ...{ kind: 'instructions', name: '', text, definition: '' },
    changes: accepted === undefined ? [] : [change],
    isUsed: said.is_used === true,
  };
}

const STATES = ['accepted', 'new', 'changed', 'revoked'] as const;

function pinOf({ hash, state, decided_by: by }: Values) {
  return {
    hash: String(hash ?? ''),
    state: STATES.find((known) => known === state) ?? 'accepted',
    by: String(by ?? ''),
  };
}

function changeOf({ part, before, after }: Values): ToolChange {
  return { part: String(part), before: textIn(before), after: textIn(after) };
}

function textIn(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

const HINTS = [
  { name: 'readOnlyHint', yes: 'only reads', no: 'may change things' },
  { name: 'destructiveHint', yes: 'may destroy', no: 'destroys nothing' },
  { name: 'idempotentHint', yes: 'may be repeated', no: 'adds up when repeated' },
  { name: 'openWorldHint', yes: 'reaches the outside', no: 'stays within its system' },
] as const;

function hintsOf(hints: Values): string {
  return HINTS.flatMap(({ name, yes, no }) => {
    const said = hints[name];
    return typeof said === 'boolean' ? [said ? yes : no] : [];
  }).join(', ');
}

function isRecord(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
