import type { Json } from '../../src/chat/json.ts';
import { adaptiveCard, type Dialog } from './card-parts.ts';
import type { InvokeAnswer } from './dispatch.ts';

/** A card in place of the one that was pressed; for who pressed it alone. */
export function cardAnswer(card: Json): InvokeAnswer {
  return { status: 200, body: { statusCode: 200, type: adaptiveCard, value: card } };
}

/** Words for who pressed alone. */
export function wordsAnswer(sentence: string): InvokeAnswer {
  return {
    status: 200,
    body: { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: sentence },
  };
}

/** A dialog, or the next one in its place. */
export function dialogAnswer({ title, card, width, height }: Dialog): InvokeAnswer {
  return { status: 200, body: { task: { type: 'continue', value: { title, card, width, height } } } };
}

/** Ends a dialog with a word. */
export function taskWords(sentence: string): InvokeAnswer {
  return { status: 200, body: { task: { type: 'message', value: sentence } } };
}
