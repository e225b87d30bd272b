import type { Effect } from '../agent/tool.ts';

/** What a server says of its own tool; a claim, not a fact. */
export interface Hints {
  readonly readOnlyHint?: boolean | undefined;
  readonly destructiveHint?: boolean | undefined;
  /** It deals with the world outside: the web, mail, whatever strangers write. */
  readonly openWorldHint?: boolean | undefined;
}

/**
 * What a tool does to the world. A trusted server's hints decide, and where they are missing the tool
 * is a `write`. An untrusted server's hints can only raise it above `write`, never lower it to `read`.
 * What an admin has decided wins over both.
 */
export function effectOf(hints: Hints, isTrusted: boolean, decided?: Effect): Effect {
  if (decided !== undefined) return decided;
  if (isTrusted && hints.readOnlyHint === true) return 'read';
  return hints.destructiveHint === true ? 'destructive' : 'write';
}
