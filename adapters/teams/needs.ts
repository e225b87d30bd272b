import type { AskerQuestion } from '../../src/chat/bot.ts';
import { InvalidError } from '../../src/chat/errors.ts';
import { textOf } from '../../src/chat/json.ts';
import { dialogAnswer, taskWords } from './answers.ts';
import { needCard, needDialog } from './approval-cards.ts';
import { redrawApproval } from './approval-redraw.ts';
import type { Press, Pressed, Pressing } from './approvals.ts';
import type { TeamsContext } from './context.ts';
import type { Invoke, InvokeAnswer } from './dispatch.ts';
import { elsewhere, isAskedHere } from './elsewhere.ts';
import { filledOf } from './filled.ts';
import { needForm } from './forms.ts';
import { sayLate } from './late.ts';
import { verbs } from './verbs.ts';

const notAsker = 'This is for the person who asked. Nobody else can answer it.';
const over = 'This is over.';
const gone = 'This question is gone.';

interface Given {
  readonly decision: 'answer' | 'decline';
  readonly values?: Readonly<Record<string, unknown>>;
}

/** What a turn needs of the asker alone: a private link to sign in or to open, or a form. */
export function createNeeds(context: TeamsContext) {
  const { bot } = context;

  const questionFor = async ({ person, conversation }: Pressing, approvalId: string) => {
    const view = await bot.approval(approvalId, person.author);
    if (view === undefined) return gone;
    if (!isAskedHere(view.threadId, conversation)) return elsewhere;
    return view.question ?? (view.isAsker === true ? over : notAsker);
  };

  /** An approval can be named here too: whoever decides it may do so where it is asked alone. */
  async function decide(
    { person, conversation }: Pressing,
    approvalId: string,
    given: Given,
  ): Promise<Pressed> {
    const { author: by, permissions } = person;
    const view = await bot.approval(approvalId, by);
    if (view !== undefined && !isAskedHere(view.threadId, conversation))
      return { type: 'words', words: elsewhere };
    const outcome = await bot.decide({ approvalId, by, permissions, ...given });
    if (outcome === undefined) return { type: 'words', words: gone };
    void redrawApproval(context, approvalId, by);
    const card = needCard(outcome.approval);
    return outcome.decided ? { type: 'card', card } : { type: 'card', card, words: over };
  }

  /** Undefined: the button is none of these. */
  async function press(by: Pressing, { verb, data }: Press): Promise<Pressed | undefined> {
    if (verb !== verbs.declineNeed) return undefined;
    return await decide(by, textOf(data.approvalId), { decision: 'decline' });
  }

  /** Undefined: it is none of these dialogs. */
  async function open(by: Pressing, { verb, data }: Press): Promise<InvokeAnswer | undefined> {
    if (verb !== verbs.openNeed) return undefined;
    const approvalId = textOf(data.approvalId);
    const question = await questionFor(by, approvalId);
    return typeof question === 'string'
      ? taskWords(question)
      : dialogAnswer(needDialog(question, approvalId));
  }

  /** Undefined: it is none of these dialogs. */
  async function submit(invoke: Invoke, press: Press): Promise<InvokeAnswer | undefined> {
    const { verb, data } = press;
    const approvalId = textOf(data.approvalId);
    if (verb === verbs.needDone) return await answered(invoke, approvalId, { decision: 'answer' });
    const isRedraw = verb === verbs.redrawForm && data.redraw === verbs.submitNeed;
    if (verb !== verbs.submitNeed && !isRedraw) return undefined;
    const question = await questionFor(invoke, approvalId);
    if (typeof question === 'string') return taskWords(question);
    if (question.type !== 'form') return taskWords(over);
    if (isRedraw) return dialogAnswer(needForm(question, approvalId, { data }));
    return await submitted(invoke, question, press);
  }

  async function submitted(
    invoke: Invoke,
    question: Extract<AskerQuestion, { readonly type: 'form' }>,
    { data }: Press,
  ): Promise<InvokeAnswer> {
    const approvalId = textOf(data.approvalId);
    const { values, errors } = filledOf(question.form, data);
    try {
      if (Object.keys(errors).length > 0) throw new InvalidError(errors);
      return await answered(invoke, approvalId, { decision: 'answer', values });
    } catch (error) {
      if (!(error instanceof InvalidError)) throw error;
      await sayLate(context, invoke, `${error.message} Press *Show me* again.`);
      return dialogAnswer(needForm(question, approvalId, { data, errors: error.fields }));
    }
  }

  async function answered(invoke: Invoke, approvalId: string, given: Given): Promise<InvokeAnswer> {
    const { words = 'Thank you. I go on.' } = await decide(invoke, approvalId, given);
    await sayLate(context, invoke, words);
    return taskWords(words);
  }

  return { press, open, submit };
}
