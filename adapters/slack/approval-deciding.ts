import type { ApprovalView, Decision, DecisionInput } from '../../src/chat/bot.ts';
import { ForbiddenError } from '../../src/chat/errors.ts';
import { type Click, redraw } from './approval-click.ts';
import { type Person, personOf, type SlackContext } from './context.ts';
import { elsewhere, isAskedHere } from './elsewhere.ts';
import { sentenceOf } from './errors.ts';
import { notify } from './notices.ts';

const notApprover = 'You may not decide about this. An administrator can grant you the role *approver*.';
const gone = 'This question is gone.';

interface Allowed {
  readonly person: Person;
  readonly view: ApprovalView;
}

/** What somebody says to a question. */
export type Given = Pick<DecisionInput, 'decision' | 'reason' | 'values' | 'message'>;

/** Who may look and decide where a question stands: checked here and by the bot, never by what is shown. */
export function createDeciding(context: SlackContext) {
  const { api, bot } = context;

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

  /** Throws what the bot throws. The outcome is drawn by `shown`; undefined: they may not, and were told why. */
  async function said(click: Click, given: Given): Promise<(() => Promise<void>) | undefined> {
    const person = (await allowed(click, given.decision === 'deny'))?.person;
    if (person === undefined) return undefined;
    const { author: by, permissions } = person;
    const outcome = await bot.decide({ approvalId: click.approvalId, by, permissions, ...given });
    return async () => await show(click, person, outcome);
  }

  async function show(click: Click, person: Person, outcome: Decision | undefined): Promise<void> {
    if (outcome === undefined) return await tell(click, gone);
    if (!outcome.decided) await tell(click, `This is ${outcome.approval.state} already.`);
    await redraw(context, click, person);
  }

  async function decide(click: Click, given: Given): Promise<void> {
    try {
      await (await said(click, given))?.();
    } catch (error) {
      await refused(click, error);
    }
  }

  /** Tells them what went wrong. Throws what is a fault of the bot. */
  async function refused(click: Click, error: unknown): Promise<void> {
    const sentence = sentenceOf(error);
    if (sentence === undefined) throw error;
    await tell(click, sentence);
    if (!(error instanceof ForbiddenError)) context.log.warn('slack_decision_failed', { error });
  }

  const tell = (click: Click, words: string) => notify(api, { ...click, threadTs: click.threadTs }, words);

  return {
    /** The question, for who may look at it: who asked may, unless it is for approvers alone. */
    looked: async (click: Click, by: 'asker' | 'approver' = 'asker') =>
      (await allowed(click, by === 'asker'))?.view,
    ...{ said, decide, refused, tell },
  };
}

export type Deciding = ReturnType<typeof createDeciding>;
