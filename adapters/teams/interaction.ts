import { sentenceOf } from '../../src/chat/sentence.ts';
import { taskWords, wordsAnswer } from './answers.ts';
import { createApprovals, pressedAnswer, pressedMessage, pressOf, taskPress } from './approvals.ts';
import type { TeamsContext } from './context.ts';
import type { Dispatch } from './dispatch.ts';
import { createFeedback } from './feedback.ts';
import { createFileConsent } from './file-consent.ts';
import { createForms } from './form-flow.ts';
import { createNeeds } from './needs.ts';

const unknown = 'I do not know this button. It may be of an earlier version; ask me again.';

/** Everything that people do with cards, dialogs and the buttons below answers. */
export function mountInteraction(dispatch: Dispatch, context: TeamsContext): void {
  const approvals = createApprovals(context);
  const needs = createNeeds(context);
  const forms = createForms(context);
  const feedback = createFeedback(context);
  const files = createFileConsent(context);

  dispatch.onInvoke('adaptiveCard/action', async ({ person, value }) => {
    const press = pressOf(value);
    try {
      const pressed = (await approvals.press(person, press)) ?? (await needs.press(person, press));
      return pressed === undefined ? wordsAnswer(unknown) : pressedAnswer(pressed);
    } catch (error) {
      const sentence = sentenceOf(error);
      if (sentence === undefined) throw error;
      return wordsAnswer(sentence);
    }
  });

  dispatch.onSubmit(async (submit) => {
    const press = pressOf(submit.value);
    await pressedMessage(
      context,
      submit,
      async () => (await approvals.press(submit.person, press)) ?? (await needs.press(submit.person, press)),
    );
  });

  dispatch.onInvoke('task/fetch', async (invoke) => {
    const press = taskPress(invoke);
    return (
      (await approvals.open(invoke.person, press)) ??
      (await needs.open(invoke.person, press)) ??
      (await forms.open(invoke, press)) ??
      taskWords(unknown)
    );
  });

  dispatch.onInvoke('task/submit', async (invoke) => {
    const press = taskPress(invoke);
    return (
      (await needs.submit(invoke.person, press)) ?? (await forms.submit(invoke, press)) ?? taskWords(unknown)
    );
  });

  dispatch.onInvoke('application/search', forms.search);
  dispatch.onInvoke('message/submitAction', feedback.submitted);
  dispatch.onInvoke('fileConsent/invoke', files.answered);
  dispatch.on('messageReaction', feedback.reacted);
}
