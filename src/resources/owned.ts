import { isDeepStrictEqual } from 'node:util';
import type { Prepared, RuleContext, Values } from './definition.ts';
import { text } from './field.ts';

/** Whose a thing is in whose name a model acts: whoever said last what it does. */
export const ownerFields = {
  owner: text({
    label: 'Owner',
    help: 'Whoever said last what it does: the model acts with their permissions.',
    initial: 'bot',
    isReadOnly: true,
  }),
  owner_name: text({
    label: 'Owner’s name',
    help: 'As people know them.',
    initial: '',
    isReadOnly: true,
    isHidden: true,
  }),
};

/**
 * Nobody makes another person's thing do something else with that person's permissions: whoever changes one of
 * the fields that decide about what it does is its owner from then on.
 */
export function ownedBy(deeds: readonly string[]): (context: RuleContext) => Prepared {
  return ({ values, before, by }) => {
    const isSame =
      before !== undefined && deeds.every((name) => isDeepStrictEqual(values[name], before[name]));
    if (isSame) return { values: {} };
    const { principal, name } = by.author;
    const origin: Values = before === undefined && by.source === 'bootstrap' ? { origin: 'bootstrap' } : {};
    return { values: { owner: principal, owner_name: name, ...origin } };
  };
}
