import type { FormValues } from '../../src/chat/desk.ts';
import { at, isRecord, type Json, textOf } from '../../src/chat/json.ts';
import type { FormPlace } from './forms.ts';

/** What Slack keeps with a view, in characters. https://docs.slack.dev/reference/views/modal-views */
const mostKept = 3000;

/** The place with what was given for fields that are asked for later, where there is room for it. */
export function keeping(
  place: FormPlace,
  given: FormValues,
): { readonly place: FormPlace; readonly notes: readonly string[] } {
  if (Object.keys(given).length === 0) return { place, notes: [] };
  const whole = { ...place, given };
  if (JSON.stringify(whole).length <= mostKept) return { place: whole, notes: [] };
  return { place, notes: ['There is too much of that to be kept here: write it once the form asks for it.'] };
}

const optional = ['id', 'action', 'revision', 'seen', 'respondTo'] as const;

/** What a view says of itself; whatever it says, the desk asks for every permission again. */
export function readPlace(json: Json): FormPlace {
  const place = parsed(textOf(at(json, 'view', 'private_metadata')));
  const rest = optional.flatMap((key) => (textOf(place[key]) === '' ? [] : [[key, textOf(place[key])]]));
  return {
    ...{ path: textOf(place.path), channel: textOf(place.channel) },
    ...(isRecord(place.given) ? { given: place.given } : {}),
    ...Object.fromEntries(rest),
  };
}

function parsed(text: string): Json {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}
