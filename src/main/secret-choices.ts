import type { SecretNames } from '../access/secret-names.ts';
import { looksLikeKey, refusalOf } from '../access/secret-reference.ts';
import { notAReference } from '../chat/desk.ts';
import type { Choice } from '../chat/form.ts';

const most = 100;

/** What may be chosen where a secret is asked for: what is there, and what was typed, where it is a reference. */
export async function secretChoices(names: SecretNames, typed: string): Promise<readonly Choice[]> {
  const wanted = typed.trim();
  const known = await names();
  const found = known.filter((name) => name.toLowerCase().includes(wanted.toLowerCase()));
  const own = wanted === '' || known.includes(wanted) ? [] : [typedChoice(wanted)];
  return [...found.slice(0, most - own.length).map((name) => ({ value: name, label: name })), ...own];
}

/** A key is not sent back, and choosing it says what is wrong at the field. */
function typedChoice(typed: string): Choice {
  if (looksLikeKey(typed)) return { value: notAReference, label: 'This looks like a key: name its place.' };
  if (refusalOf(typed) !== undefined)
    return { value: notAReference, label: 'Write env:NAME, file:name or vault:mount/path#field' };
  return { value: typed, label: typed.startsWith('vault:') ? typed : `${typed} (not there yet)` };
}
