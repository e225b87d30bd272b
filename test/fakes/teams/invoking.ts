import { adaptiveCard } from './activities.ts';
import { checkCard } from './cards.ts';
import type { Delivered } from './delivery.ts';
import { isRecord, type Json, record, records, text } from './json.ts';
import { TeamsRefusal } from './refusal.ts';

/** What an answer to an invoke does to what the person sees. */
export type Outcome =
  | { readonly kind: 'card'; readonly card: Json }
  | { readonly kind: 'dialog'; readonly title: string; readonly card: Json }
  | { readonly kind: 'notice'; readonly words: string }
  | { readonly kind: 'choices'; readonly choices: readonly Choice[] }
  | { readonly kind: 'nothing' };

export interface Choice {
  readonly title: string;
  readonly value: string;
}

/** What Teams says of an invoke that failed, came late or was answered with something it does not know. */
export const wentWrong = 'Something went wrong. Please try again.';

const failed: Outcome = { kind: 'notice', words: wentWrong };

/** Of `adaptiveCard/action`. */
export function outcomeOfExecute({ status, body }: Delivered): Outcome {
  if (status !== 200 || !isRecord(body)) return failed;
  const { statusCode, type, value } = body;
  if (typeof statusCode !== 'number') return failed;
  if (type === 'application/vnd.microsoft.error')
    return { kind: 'notice', words: text(record(value).message) || wentWrong };
  if (statusCode !== 200) return failed;
  if (type === 'application/vnd.microsoft.activity.message' && text(value) !== '')
    return { kind: 'notice', words: text(value) };
  if (type === adaptiveCard && isRecord(value) && isCard(value)) return { kind: 'card', card: value };
  return failed;
}

/** Of `task/fetch`, `task/submit` and `message/fetchTask`; no task closes the dialog. */
export function outcomeOfTask({ status, body }: Delivered): Outcome {
  if (status !== 200) return failed;
  if (!isRecord(body) || body.task === undefined) return { kind: 'nothing' };
  const { type, value } = record(body.task);
  if (type === 'message' && text(value) !== '') return { kind: 'notice', words: text(value) };
  if (type !== 'continue' || !isRecord(value)) return failed;
  const attachment = record(value.card);
  const card = record(attachment.content);
  if (attachment.contentType !== adaptiveCard || !isCard(card)) return failed;
  return { kind: 'dialog', title: text(value.title), card };
}

/** Of `application/search`. */
export function outcomeOfSearch({ status, body }: Delivered): Outcome {
  if (status !== 200 || !isRecord(body)) return failed;
  if (body.type !== 'application/vnd.microsoft.search.searchResponse') return failed;
  const { results } = record(body.value);
  if (!Array.isArray(results)) return failed;
  const choices = records(results).map(({ title, value }) => ({ title: text(title), value: text(value) }));
  return choices.some(({ title, value }) => title === '' || value === '')
    ? failed
    : { kind: 'choices', choices };
}

/** Of invokes whose answer shows nothing. */
export function outcomeOfSilent({ status }: Delivered): Outcome {
  return status === 200 ? { kind: 'nothing' } : failed;
}

function isCard(card: Json): boolean {
  try {
    checkCard(card);
    return true;
  } catch (error) {
    if (error instanceof TeamsRefusal) return false;
    throw error;
  }
}
