import { type AdminAnswer, say } from '../../src/chat/admin/answer.ts';
import { type Json, textOf } from '../../src/chat/json.ts';
import { answerDialog, drawAnswer } from './admin-cards.ts';
import { cardAnswer, dialogAnswer, wordsAnswer } from './answers.ts';
import type { Press } from './approvals.ts';
import type { Person, TeamsContext } from './context.ts';
import type { Interaction, Invoke, InvokeAnswer } from './dispatch.ts';
import type { Forms } from './form-flow.ts';
import { notAllowed } from './not-allowed.ts';
import { tell } from './telling.ts';
import { verbs } from './verbs.ts';

const forgotten = 'I do not know that any more.';
const isLong = 'The answer is long: I wrote it to you.';

/** Buttons of administration: each runs its line with the rights of whoever pressed it. */
export function createAdmin(context: TeamsContext, forms: Forms) {
  /** Undefined: the button is none of these. */
  async function answerTo(person: Person, { verb, data }: Press): Promise<AdminAnswer | undefined> {
    if (verb !== verbs.runLine) return undefined;
    if (!person.permissions.has('chat')) return say(notAllowed(person.tenant));
    const answer = await context.administration.run(textOf(data.line), person);
    return answer === undefined ? say(forgotten) : withUndo(answer, data);
  }

  /** The card becomes the answer, for who pressed alone. Undefined: the button is none of these. */
  async function press({ person, conversation, signal }: Invoke, pressed: Press) {
    const answer = await answerTo(person, pressed);
    if (answer === undefined) return undefined;
    const [card, ...others] = drawAnswer(answer);
    if (card !== undefined && others.length === 0 && !signal.aborted) return cardAnswer(card);
    await tell(context, person, { answer: { ...answer, isPublic: false }, conversation });
    return wordsAnswer(isLong);
  }

  /** A button that opens a dialog, or one within a dialog. Undefined: it is none of these. */
  async function open(invoke: Invoke, pressed: Press): Promise<InvokeAnswer | undefined> {
    const { person, conversation } = invoke;
    const answer = await answerTo(person, pressed);
    if (answer === undefined) return undefined;
    if (invoke.signal.aborted)
      await tell(context, person, { answer: { ...answer, isPublic: false }, conversation });
    return answer.type === 'form' ? await forms.open(invoke, answer) : dialogAnswer(answerDialog(answer));
  }

  /** Of old clients, which send a message instead. False: the button is none of these. */
  async function submitted({ person, conversation }: Interaction, pressed: Press): Promise<boolean> {
    const answer = await answerTo(person, pressed);
    if (answer !== undefined)
      await tell(context, person, { answer: { ...answer, isPublic: false }, conversation });
    return answer !== undefined;
  }

  return { press, open, submitted };
}

/** What the card offered to undo can still be undone after a button beside it was pressed. */
function withUndo(answer: AdminAnswer, { undo }: Json): AdminAnswer {
  const line = textOf(undo);
  if (answer.type === 'form' || !/^undo [0-9a-f-]{36}$/.test(line)) return answer;
  if (answer.buttons.some((button) => button.line.startsWith('undo '))) return answer;
  return { ...answer, buttons: [...answer.buttons, { label: 'Undo', line }] };
}
