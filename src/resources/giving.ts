import { expand, isPermission, lacking } from '../access/permissions.ts';
import { nearest } from '../chat/nearest.ts';
import type { RuleContext, Values } from './definition.ts';

type Giver = Pick<RuleContext, 'by' | 'world'>;

/** Of a list with wildcards: entries that are not written as permissions, or stand for none, as sentences. */
export function unknownPermissions(wanted: readonly string[], { world }: Giver): readonly string[] {
  return wanted.flatMap((entry) => {
    const shown = `“${entry.slice(0, 100)}”`;
    if (!isPermission(entry))
      return [`A permission has small letters, dots, underscores and single stars; ${shown} is none.`];
    if (expand([entry], world.permissions).size > 0) return [];
    const meant = nearest(entry, world.permissions);
    return [`There is no permission ${shown}.${meant === undefined ? '' : ` Did you mean “${meant}”?`}`];
  });
}

/** Nobody gives what they do not hold: what is wanted beyond it, as a sentence. */
export function beyondOwn(wanted: readonly string[], { by, world }: Giver): readonly string[] {
  const missing = lacking(by.permissions, wanted, world.permissions);
  if (missing.length === 0) return [];
  const named = missing.slice(0, shown).join(', ');
  const more = missing.length > shown ? ` and ${missing.length - shown} more` : '';
  return [`You do not hold this yourself, so you cannot give it: ${named}${more}.`];
}

const shown = 5;

/** What a list has that another had not. */
export function added(wanted: readonly string[], before: readonly string[]): readonly string[] {
  return wanted.filter((entry) => !before.includes(entry));
}

/** The texts of a stored list. */
export function listOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}

/** Whether two states of a row name another point in time; none is one as well. */
export function differsInTime(one: Values, other: Values, field: string): boolean {
  return instant(one[field]) !== instant(other[field]);
}

function instant(value: unknown): number | undefined {
  return typeof value === 'string' ? Date.parse(value) : undefined;
}

/** Whether somebody holds every permission there is. */
export function holdsAll({ by, world }: Giver): boolean {
  return lacking(by.permissions, ['*'], world.permissions).length === 0;
}
