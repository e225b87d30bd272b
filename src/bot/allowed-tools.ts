import type { Tool } from '../agent/tool.ts';
import type { TurnRow } from '../inbox/port.ts';

type Limits = Pick<TurnRow, 'readsOnly' | 'tools'>;

/** Those of the servers' tools that a turn may use: models are told of no others, and can call no others. */
export function allowed({ readsOnly, tools: patterns }: Limits, tools: readonly Tool[]): readonly Tool[] {
  const fitting = patterns === undefined ? tools : tools.filter(({ name }) => fitsAny(name, patterns));
  return readsOnly === true ? readable({ readsOnly }, fitting) : fitting;
}

/** Without what does more than read, where the turn may only read. */
export function readable({ readsOnly }: Pick<Limits, 'readsOnly'>, tools: readonly Tool[]): readonly Tool[] {
  return readsOnly === true ? tools.filter(({ effect }) => effect === 'read') : tools;
}

/** `*` stands for any characters; nothing else is a pattern. */
function fitsAny(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => fits(name, pattern.trim()));
}

function fits(name: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return name === pattern;
  if (!name.startsWith(first)) return false;
  const last = rest.pop() ?? '';
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - at >= last.length && name.endsWith(last);
}
