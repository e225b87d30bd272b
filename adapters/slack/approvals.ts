import type { App } from '@slack/bolt';
import type { ApprovalView } from '../../src/chat/bot.ts';
import { ForbiddenError } from '../../src/chat/errors.ts';
import { at, type Json, textOf } from '../../src/chat/json.ts';
import { denyView, detailsView } from './approval-blocks.ts';
import { type Click, clickOf, redraw } from './approval-click.ts';
import { type Person, personOf, type SlackContext } from './context.ts';
import { elsewhere, isAskedHere } from './elsewhere.ts';
import { sentenceOf } from './errors.ts';
import { teamOf } from './inbound.ts';
import { notify } from './notices.ts';

const notApprover = 'You may not decide about this. An administrator can grant you the role *approver*.';

const gone = 'This question is gone.';

interface Allowed {
  readonly person: Person;
  readonly view: ApprovalView;
}

/** Approve, Deny with a reason, Details. Who may decide is checked here and by the bot, never by what is shown. */
export function mountApprovals(app: App, context: SlackContext): void {
  const { api, bot } = context;

  app.action('approval_approve', async ({ ack, body }) => {
    await ack();
    await decide(clickOf({ ...body }), 'approve');
  });

  app.action('approval_deny', async ({ ack, body }) => {
    await ack();
    const click = clickOf({ ...body });
    const view = await looked(click);
    if (view === undefined) return;
    const place = JSON.stringify([click.channel, click.ts, click.threadTs, click.approvalId]);
    await api.attempt(click.team, 'views.open', {
      trigger_id: click.trigger,
      view: denyView(view.approval, place),
    });
  });

  app.action('approval_details', async ({ ack, body }) => {
    await ack();
    const click = clickOf({ ...body });
    const view = await looked(click);
    if (view !== undefined)
      await api.attempt(click.team, 'views.open', {
        trigger_id: click.trigger,
        view: detailsView(view.approval),
      });
  });

  app.view('approval_deny', async ({ ack, body }) => {
    const json: Json = { ...body };
    const place: unknown = JSON.parse(textOf(at(json, 'view', 'private_metadata')) || '[]');
    const [channel = '', ts = '', threadTs = '', approvalId = ''] = Array.isArray(place)
      ? place.map(textOf)
      : [];
    const reason = textOf(at(json, 'view', 'state', 'values', 'reason', 'reason', 'value')).trim();
    await ack();
    const who = { team: teamOf(json), user: textOf(at(json, 'user', 'id')) };
    await decide({ ...who, channel, ts, threadTs, approvalId, trigger: '' }, 'deny', reason);
  });

  /**
   * Who approves holds the permission where it is asked; who asked may see and deny without it. Undefined:
   * they may not, and were told why.
   */
  async function allowed(click: Click, isForAsker: boolean): Promise<Allowed | undefined> {
    const person = await personOf(context, click);
    const view = await bot.approval(click.approvalId, person.author);
    const mayAsHere = person.permissions.has('approve') || (isForAsker && view?.isAsker === true);
    if (mayAsHere && view !== undefined && isAskedHere(view.threadId, click)) return { person, view };
    await tell(click, !mayAsHere ? notApprover : view === undefined ? gone : elsewhere);
    return undefined;
  }

  const looked = async (click: Click) => (await allowed(click, true))?.view;

  async function decide(click: Click, decision: 'approve' | 'deny', reason = ''): Promise<void> {
    try {
      const person = (await allowed(click, decision === 'deny'))?.person;
      if (person === undefined) return;
      const outcome = await bot.decide({
        approvalId: click.approvalId,
        decision,
        by: person.author,
        permissions: person.permissions,
        ...(reason === '' ? {} : { reason }),
      });
      if (outcome === undefined) return await tell(click, gone);
      if (!outcome.decided) await tell(click, `This is ${outcome.approval.state} already.`);
      await redraw(context, click, person);
    } catch (error) {
      const sentence = sentenceOf(error);
      if (sentence === undefined) throw error;
      await tell(click, sentence);
      if (!(error instanceof ForbiddenError)) context.log.warn('slack_decision_failed', { error });
    }
  }

  const tell = (click: Click, words: string) => notify(api, { ...click, threadTs: click.threadTs }, words);
}
