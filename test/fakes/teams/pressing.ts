import { type Button, buttonsOf, type Found, filled } from './card-parts.ts';
import type { Json } from './json.ts';

/** A button as it is pressed. */
export interface Press {
  readonly action: Json;
  /** Which of the message's cards. */
  readonly cardAt: number;
  readonly inputs: Json;
}

/** The button of this title, as it is shown, with the inputs of its card. */
export function pressOf(
  cards: readonly Json[],
  title: string,
  values: Readonly<Record<string, unknown>>,
  found: Found,
): Press {
  const cardAt = cards.findIndex((card) => buttonsOf(card).some((button) => isIt(button, title)));
  const card = cards[cardAt];
  const button = card === undefined ? undefined : buttonsOf(card).find((one) => isIt(one, title));
  if (card === undefined || button === undefined) {
    const shown = cards.flatMap(buttonsOf).map((one) => one.title);
    throw new Error(`there is no button ${title}, only ${shown.join(', ') || 'none'}`);
  }
  if (button.action.isEnabled === false) throw new Error(`${title} cannot be pressed`);
  const inputs = button.action.associatedInputs === 'none' ? {} : filled(card, values, found);
  return { action: button.action, cardAt, inputs };
}

function isIt({ title, action }: Button, name: string): boolean {
  return title === name || action.id === name;
}
