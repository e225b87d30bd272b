import type { App } from '@slack/bolt';
import { at, type Json, textOf } from '../../src/chat/json.ts';
import { denyView, detailsView } from './approval-blocks.ts';
import { clickIn, clickOf, placeOf } from './approval-click.ts';
import { createDeciding } from './approval-deciding.ts';
import { mountApprovalEdits } from './approval-edits.ts';
import type { SlackContext } from './context.ts';
import { openOrTell } from './opening.ts';

/** Approve, Edit, Deny with a reason, Respond, Details. */
export function mountApprovals(app: App, context: SlackContext): void {
  const deciding = createDeciding(context);

  app.action('approval_approve', async ({ ack, body }) => {
    await ack();
    await deciding.decide(clickOf({ ...body }), { decision: 'approve' });
  });

  app.action('approval_deny', async ({ ack, body }) => {
    await ack();
    const click = clickOf({ ...body });
    const view = await deciding.looked(click);
    if (view === undefined) return;
    await openOrTell(context, click, denyView(view.approval, placeOf(click)));
  });

  app.action('approval_details', async ({ ack, body }) => {
    await ack();
    const click = clickOf({ ...body });
    const view = await deciding.looked(click);
    if (view !== undefined) await openOrTell(context, click, detailsView(view.approval));
  });

  app.view('approval_deny', async ({ ack, body }) => {
    const json: Json = { ...body };
    const reason = textOf(at(json, 'view', 'state', 'values', 'reason', 'reason', 'value')).trim();
    await ack();
    await deciding.decide(clickIn(json), { decision: 'deny', ...(reason === '' ? {} : { reason }) });
  });

  mountApprovalEdits(app, context, deciding);
}
