import { sentenceOf } from '../../src/chat/sentence.ts';
import { createAdmin } from './admin.ts';
import { taskWords, wordsAnswer } from './answers.ts';
import {
  createApprovals,
  type Press,
  type Pressed,
  type Pressing,
  pressedAnswer,
  pressedMessage,
  pressOf,
  taskPress,
} from './approvals.ts';
import { createConcerns } from './concerns.ts';
import type { TeamsContext } from './context.ts';
import type { Dispatch } from './dispatch.ts';
import { createFeedback } from './feedback.ts';
import { createFileConsent } from './file-consent.ts';
import { createForms } from './form-flow.ts';
import { sayLate } from './late.ts';
import { createNeeds } from './needs.ts';

const unknown = 'I do not know this button. It may be of an earlier version; ask me again.';

/** Everything that people do with cards, dialogs and the buttons below answers. */
export function mountInteraction(dispatch: Dispatch, context: TeamsContext): void {
  const approvals = createApprovals(context);
  const concerns = createConcerns(context);
  const needs = createNeeds(context);
  const forms = createForms(context);
  const admin = createAdmin(context, forms);
  const feedback = createFeedback(context);
  const files = createFileConsent(context);

  const pressedBy = async (by: Pressing, press: Press): Promise<Pressed | undefined> =>
    (await approvals.press(by, press)) ?? (await concerns.press(by, press)) ?? (await needs.press(by, press));

  dispatch.onInvoke('adaptiveCard/action', async (invoke) => {
    const press = pressOf(invoke.value);
    try {
      const shown = await admin.press(invoke, press);
      if (shown !== undefined) return shown;
      const pressed = await pressedBy(invoke, press);
      if (pressed?.words !== undefined) await sayLate(context, invoke, pressed.words);
      return pressed === undefined ? wordsAnswer(unknown) : pressedAnswer(pressed);
    } catch (error) {
      const sentence = sentenceOf(error);
      if (sentence === undefined) throw error;
      await sayLate(context, invoke, sentence);
      return wordsAnswer(sentence);
    }
  });

  dispatch.onSubmit(async (submit) => {
    const press = pressOf(submit.value);
    await pressedMessage(context, submit, async () =>
      (await admin.submitted(submit, press)) ? undefined : await pressedBy(submit, press),
    );
  });

  dispatch.onInvoke('task/fetch', async (invoke) => {
    const press = taskPress(invoke);
    return (
      (await approvals.open(invoke, press)) ??
      (await needs.open(invoke, press)) ??
      (await admin.open(invoke, press)) ??
      taskWords(unknown)
    );
  });

  dispatch.onInvoke('task/submit', async (invoke) => {
    const press = taskPress(invoke);
    return (
      (await approvals.submit(invoke, press)) ??
      (await needs.submit(invoke, press)) ??
      (await forms.submit(invoke, press)) ??
      (await admin.open(invoke, press)) ??
      taskWords(unknown)
    );
  });

  dispatch.onInvoke('application/search', forms.search);
  dispatch.onInvoke('message/submitAction', feedback.submitted);
  dispatch.onInvoke('fileConsent/invoke', files.answered);
  dispatch.on('messageReaction', feedback.reacted);
}
