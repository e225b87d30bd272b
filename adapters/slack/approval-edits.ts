import type { App } from '@slack/bolt';
import { InvalidError } from '../../src/chat/errors.ts';
import type { FieldErrors } from '../../src/chat/form.ts';
import { at, type Json, textOf } from '../../src/chat/json.ts';
import { clickIn, clickOf, placeOf } from './approval-click.ts';
import type { Deciding, Given } from './approval-deciding.ts';
import { editView, respondView } from './approval-views.ts';
import { personOf, type SlackContext } from './context.ts';
import { filledOf, wrongAtFields } from './filled.ts';
import { openOrTell } from './opening.ts';

/** Takes a modal, or says what is wrong by its blocks. */
type Ack = (wrong?: { response_action: 'errors'; errors: Record<string, string> }) => Promise<void>;

const mayNot = 'You may not change this call.';

/** Edit, which approves a call with other arguments, and Respond, whose words are its result. */
export function mountApprovalEdits(app: App, context: SlackContext, deciding: Deciding): void {
  const { bot } = context;

  app.action('approval_edit', async ({ ack, body }) => {
    await ack();
    const click = clickOf({ ...body });
    const view = await deciding.looked(click, 'approver');
    if (view === undefined) return;
    const { approval, editing } = view;
    if (editing !== undefined)
      return void (await openOrTell(context, click, editView(approval, editing, placeOf(click))));
    await deciding.tell(click, approval.state === 'pending' ? mayNot : `This is ${approval.state} already.`);
  });

  app.action('approval_respond', async ({ ack, body }) => {
    await ack();
    const click = clickOf({ ...body });
    const view = await deciding.looked(click, 'approver');
    if (view !== undefined) await openOrTell(context, click, respondView(view.approval, placeOf(click)));
  });

  app.view('approval_edit', async ({ ack, body }) => {
    const json: Json = { ...body };
    const click = clickIn(json);
    const person = await personOf(context, click);
    const form = (await bot.approval(click.approvalId, person.author))?.editing;
    const filled =
      form === undefined ? { values: {}, errors: {} } : filledOf(form, at(json, 'view', 'state'));
    const { values, errors } = filled;
    await submitted(json, (wrong) => (wrong === undefined ? ack() : ack(wrong)), {
      given: { decision: 'edit', values },
      errors,
    });
  });

  app.view('approval_respond', async ({ ack, body }) => {
    const json: Json = { ...body };
    const message = textOf(at(json, 'view', 'state', 'values', 'message', 'message', 'value')).trim();
    await submitted(json, (wrong) => (wrong === undefined ? ack() : ack(wrong)), {
      given: { decision: 'respond', message },
      errors: {},
    });
  });

  /** What is wrong stands at its field; a modal that was taken goes, and the question is drawn anew. */
  async function submitted(
    json: Json,
    ack: Ack,
    { given, errors }: { readonly given: Given; readonly errors: FieldErrors },
  ): Promise<void> {
    const click = clickIn(json);
    try {
      if (Object.keys(errors).length > 0) throw new InvalidError(errors);
      const shown = await deciding.said(click, given);
      await ack();
      await shown?.();
    } catch (error) {
      if (error instanceof InvalidError) return await ack(wrongAtFields(error.fields, json.view));
      await ack();
      await deciding.refused(click, error);
    }
  }
}
