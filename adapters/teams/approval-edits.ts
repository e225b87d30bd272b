import type { ApprovalView } from '../../src/chat/bot.ts';
import { InvalidError } from '../../src/chat/errors.ts';
import type { Form } from '../../src/chat/form.ts';
import { type Json, textOf } from '../../src/chat/json.ts';
import { dialogAnswer, taskWords } from './answers.ts';
import { redrawApproval } from './approval-redraw.ts';
import type { Press, Pressing } from './approvals.ts';
import type { TeamsContext } from './context.ts';
import type { Invoke, InvokeAnswer } from './dispatch.ts';
import { filledOf } from './filled.ts';
import { argumentsForm } from './forms.ts';
import { sayLate } from './late.ts';
import { verbs } from './verbs.ts';

const mayNot = 'You may not change this call.';
const approved = 'Approved with your changes. I go on.';
const tooMuch = 'That is too much for a dialog: edit it in the console.';

/** The question, for who may approve it; words: why not. */
type Look = (by: Pressing, approvalId: string) => Promise<ApprovalView | string>;

/** The dialog with the arguments of a call, which is approved with what stands there. */
export function createApprovalEdits(context: TeamsContext, look: Look) {
  const { bot } = context;

  async function editable(
    by: Pressing,
    approvalId: string,
  ): Promise<(ApprovalView & { readonly editing: Form }) | string> {
    const view = await look(by, approvalId);
    if (typeof view === 'string') return view;
    const { approval, editing } = view;
    if (editing !== undefined) return { ...view, editing };
    return approval.state === 'pending' ? mayNot : `This is ${approval.state} already.`;
  }

  /** Undefined: it is none of these dialogs. */
  async function open(by: Pressing, { verb, data }: Press): Promise<InvokeAnswer | undefined> {
    if (verb !== verbs.edit) return undefined;
    const view = await editable(by, textOf(data.approvalId));
    return typeof view === 'string'
      ? taskWords(view)
      : dialogAnswer(argumentsForm(view.approval, view.editing).dialog);
  }

  /** Undefined: it is none of these dialogs. */
  async function submit(invoke: Invoke, { verb, data }: Press): Promise<InvokeAnswer | undefined> {
    if (verb !== verbs.submitEdit) return undefined;
    const view = await editable(invoke, textOf(data.approvalId));
    if (typeof view === 'string') return taskWords(view);
    try {
      const words = await decided(invoke, view, data);
      await sayLate(context, invoke, words);
      return taskWords(words);
    } catch (error) {
      if (!(error instanceof InvalidError)) throw error;
      await sayLate(context, invoke, `${error.message} Press *Edit …* again.`);
      const { dialog, unshown } = argumentsForm(view.approval, view.editing, { data, errors: error.fields });
      // What does not fit is kept nowhere: better say so than run what they did not write.
      if (Object.keys(unshown).length > 0) return taskWords(`${error.message} ${tooMuch}`);
      return dialogAnswer(dialog);
    }
  }

  async function decided(
    { person }: Invoke,
    { approval, editing }: ApprovalView & { readonly editing: Form },
    data: Json,
  ): Promise<string> {
    const { values, errors } = filledOf(editing, data);
    if (Object.keys(errors).length > 0) throw new InvalidError(errors);
    const { author: by, permissions } = person;
    const outcome = await bot.decide({ approvalId: approval.id, by, permissions, decision: 'edit', values });
    void redrawApproval(context, approval.id, by);
    if (outcome?.decided === true) return approved;
    return `This is ${outcome?.approval.state ?? 'gone'} already.`;
  }

  return { open, submit };
}
