import { detailsWord } from '../../src/chat/details-words.ts';
import type { Json } from '../../src/chat/json.ts';
import type { Detail } from '../../src/chat/reply.ts';
import { textBlock } from './card-parts.ts';
import type { CardEnd } from './concern-cards.ts';
import { plainInCard, safeCardText } from './safe-text.ts';
import { bytesOfCard } from './sizes.ts';

/** The first are told whole; of what comes after so many bytes only the titles. */
const wholeBytes = 8000;

/** What a reply rests on, behind a button of its card. */
export function detailsEnd(details: readonly Detail[]): CardEnd {
  if (details.length === 0) return { body: [], actions: [] };
  const card = { type: 'AdaptiveCard', body: elementsOf(details) };
  return { body: [], actions: [{ type: 'Action.ShowCard', title: detailsWord, card }] };
}

function elementsOf(details: readonly Detail[]): readonly Json[] {
  let left = wholeBytes;
  return details.flatMap(({ title, text }) => {
    const head = textBlock(plainInCard(title), { weight: 'Bolder', separator: true });
    const whole = [head, textBlock(safeCardText(text))];
    left -= bytesOfCard(whole);
    return left >= 0 ? whole : [head];
  });
}
