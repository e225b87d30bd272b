import type { ApprovalView, Bot } from '../bot.ts';
import { changesText } from '../changes-text.ts';
import { clipped } from '../clipped.ts';
import type { DeskCaller } from '../desk.ts';
import { ForbiddenError } from '../errors.ts';
import type { ThreadId } from '../inbound.ts';
import type { ApprovalCard, ApprovalDecision } from '../reply.ts';
import { fenced } from '../segments.ts';
import { type AdminAnswer, type AnswerRow, type Button, say } from './answer.ts';
import type { ApprovalsWanted } from './approvals-line.ts';
import { code, factsText, valueText } from './words.ts';

export interface ApprovalsDesk {
  readonly bot: Pick<Bot, 'pendingApprovals' | 'approval' | 'decide'>;
  /** Where a thread can be read. Undefined: it has no address. Never throws. */
  linkTo(threadId: ThreadId): Promise<string | undefined>;
}

const [pageRows, mostPending] = [10, 100];
const open = 'Open the thread';

/** What waits for people, and their decisions. What somebody may do in one channel says nothing about others. */
export function createApprovalsAnswer({ bot, linkTo }: ApprovalsDesk) {
  async function answer(wanted: ApprovalsWanted, by: DeskCaller): Promise<AdminAnswer> {
    if (wanted.verb === 'list') return await list(wanted.page, by);
    const view = await found(wanted.id, by);
    if (view === undefined)
      return say('There is no such question, or it is not yours to see. `approvals` lists them.');
    if (wanted.verb === 'show' || (wanted.verb === 'approve' && !wanted.isSure)) return await show(view, by);
    return await decide(view, wanted, by);
  }

  async function list(page: number, by: DeskCaller): Promise<AdminAnswer> {
    const pending = await seen(by);
    if (pending.length === 0 && !by.permissions.has('approve'))
      throw new ForbiddenError('To decide about what others ask needs the permission approve.');
    const pages = Math.max(1, Math.ceil(pending.length / pageRows));
    const shown = pending.slice((page - 1) * pageRows, page * pageRows);
    const turn = (to: number, label: string): readonly Button[] =>
      to < 1 || to > pages ? [] : [{ label, line: `approvals list page=${to}` }];
    return {
      type: 'list',
      title: 'Waiting for a decision',
      rows: await Promise.all(shown.map((view) => rowOf(view, by))),
      note: noteOf(pending.length, page, pages),
      buttons: [...turn(page - 1, 'Back'), ...turn(page + 1, 'More')],
      isPublic: false,
    };
  }

  /** All that this person may decide about, and what is asked of them. */
  async function seen(by: DeskCaller): Promise<readonly ApprovalView[]> {
    const pending = await bot.pendingApprovals(by.author, mostPending);
    const visible = await Promise.all(pending.map((view) => isVisible(view, by)));
    return pending.filter((_view, n) => visible[n]);
  }

  async function isVisible({ threadId, approval, isAsker = false }: ApprovalView, by: DeskCaller) {
    return isAsker || (isCall(approval) && (await mayApproveIn(threadId, by)));
  }

  /** By its id, or the beginning of one that waits. */
  async function found(id: string, by: DeskCaller): Promise<ApprovalView | undefined> {
    const pending = (await seen(by)).filter(({ approval }) => approval.id.startsWith(id.toLowerCase()));
    const view = await bot.approval(pending.length === 1 ? (pending[0]?.approval.id ?? id) : id, by.author);
    return view !== undefined && (await isVisible(view, by)) ? view : undefined;
  }

  async function rowOf(view: ApprovalView, by: DeskCaller): Promise<AnswerRow> {
    const { approval, threadId } = view;
    const url = await linkTo(threadId);
    const call = clipped(approval.arguments.replaceAll(/\s+/g, ' '), 140);
    return {
      icon: iconOf(approval),
      title: titleOf(approval),
      facts: [
        { label: 'Asked by', text: approval.askedBy },
        { label: 'Until', text: valueText(approval.expiresAt) },
        ...(isCall(approval) ? [{ label: 'With', text: call }] : []),
      ],
      buttons: [
        { label: 'Show', line: `approvals show ${approval.id}` },
        ...(await decisions(view, by)).map(withoutSureness),
      ],
      ...(url === undefined ? {} : { link: { label: open, url } }),
    };
  }

  async function show(view: ApprovalView, by: DeskCaller): Promise<AdminAnswer> {
    const { approval, threadId } = view;
    const [url, buttons] = await Promise.all([linkTo(threadId), decisions(view, by)]);
    const facts = [
      { name: 'effect', label: 'It', value: effects[approval.effect] },
      { name: 'asked_by', label: 'Asked by', value: approval.askedBy },
      { name: 'state', label: 'Stands', value: approval.state },
      { name: 'expires_at', label: 'Until', value: approval.expiresAt },
      { name: 'decided_by', label: 'Decided by', value: approval.decidedBy },
      { name: 'note', label: 'Why it is asked', value: approval.note },
    ];
    const parts = [
      `${iconOf(approval)} **${titleOf(approval)}**`,
      factsText(isCall(approval) ? facts : facts.slice(1)),
      isCall(approval) ? callText(approval) : 'It is answered in its thread.',
      sayableText(view),
      url === undefined ? '' : `[${open}](${url})`,
    ];
    return say(parts.filter((part) => part !== '').join('\n\n'), buttons);
  }

  /** What this person may say to it. */
  async function decisions(view: ApprovalView, by: DeskCaller): Promise<readonly Button[]> {
    const { approval, threadId, mayDecide, isAsker = false } = view;
    if (approval.state !== 'pending') return [];
    const mayApprove = isCall(approval) && mayDecide && (await mayApproveIn(threadId, by));
    const allows = sayable(approval);
    const line = (verb: string) => `approvals ${verb} ${approval.id}`;
    return [
      ...(mayApprove && allows.includes('approve')
        ? [{ label: 'Approve', line: `${line('approve')} confirm=yes`, style: 'primary' as const }]
        : []),
      ...((mayApprove || isAsker) && allows.includes('deny')
        ? [{ label: isCall(approval) ? 'Deny' : 'Decline', line: line('deny'), style: 'danger' as const }]
        : []),
    ];
  }

  async function decide(
    { approval, threadId, isAsker = false }: ApprovalView,
    { verb, reason }: Extract<ApprovalsWanted, { readonly id: string }>,
    by: DeskCaller,
  ): Promise<AdminAnswer> {
    const isOwnNo = verb === 'deny' && isAsker;
    if (!isOwnNo && !(await mayApproveIn(threadId, by)))
      throw new ForbiddenError('Deciding about this needs the permission approve where it is asked.');
    if (verb === 'approve' && !isCall(approval)) return say('This is answered in its thread.');
    const outcome = await bot.decide({
      approvalId: approval.id,
      decision: verb === 'approve' ? 'approve' : 'deny',
      by: by.author,
      permissions: by.permissions,
      ...(reason === '' ? {} : { reason }),
    });
    if (outcome === undefined) return say('This question is gone.');
    const { state, decidedBy } = outcome.approval;
    const who = decidedBy === undefined ? '' : ` by ${decidedBy}`;
    const words = outcome.decided ? `is ${state}` : `was ${state} already${who}`;
    return say(`${icons[state]} **${titleOf(approval)}** ${words}.`);
  }

  return answer;
}

/** Rights that hold in one channel do not hold for what another one asks. */
async function mayApproveIn(threadId: ThreadId, { permissions, place }: DeskCaller): Promise<boolean> {
  const held = place === undefined || place.isHere(threadId) ? permissions : await place.elsewhere();
  return held.has('approve');
}

const effects: Readonly<Record<ApprovalCard['effect'], string>> = {
  read: 'reads',
  write: 'changes something',
  destructive: '⚠️ may destroy something',
};
const icons: Readonly<Record<ApprovalCard['state'], string>> = {
  pending: '🟡',
  approved: '✅',
  denied: '⛔',
  expired: '⌛',
  cancelled: '➖',
};

function isCall({ kind = 'approval' }: ApprovalCard): boolean {
  return kind === 'approval';
}

/** What the commands know of what may be said. */
function sayable(approval: ApprovalCard): readonly ApprovalDecision[] {
  return isCall(approval) ? (approval.allows ?? ['approve', 'deny']) : ['approve', 'deny'];
}

/** Where it can be decided otherwise than by the commands. */
function sayableText({ approval, mayDecide }: ApprovalView): string {
  const allows = sayable(approval);
  if (approval.state !== 'pending' || !mayDecide || allows.includes('approve')) return '';
  const more = [
    ...(allows.includes('edit') ? ['approved with changes'] : []),
    ...(allows.includes('respond') ? ['answered with your own words'] : []),
  ];
  return more.length === 0 ? '' : `It can be ${more.join(' or ')} where it is asked, and in the console.`;
}

/** What was asked, or what runs in its place with what was changed. */
function callText(approval: ApprovalCard): string {
  const changes = changesText(approval);
  const call = fenced(approval.edited ?? approval.arguments, 'json');
  return changes === '' ? call : `${call}\n\nChanged:\n\n${fenced(changes, 'diff')}`;
}

function iconOf(approval: ApprovalCard): string {
  return approval.state === 'pending' && approval.effect === 'destructive' ? '⚠️' : icons[approval.state];
}

function titleOf(approval: ApprovalCard): string {
  return isCall(approval) ? approval.tool : `${approval.server ?? approval.tool} needs you`;
}

/** In a list the call is not shown in full: whoever approves there looks at it first. */
function withoutSureness(button: Button): Button {
  return { ...button, line: button.line.replace(/ confirm=yes$/, '') };
}

function noteOf(total: number, page: number, pages: number): string {
  if (total === 0) return 'Nothing waits for a decision.';
  const which = pages > 1 ? `, page ${page} of ${pages}` : '';
  return `${total} ${total === 1 ? 'question waits' : 'questions wait'}${which}`;
}

/** How it is written. */
export const approvalsHelp = say(
  [
    '**Approvals.** What waits for a decision, in all threads.',
    '',
    '| command | |',
    '|---|---|',
    '| `approvals` | Lists what waits. |',
    '| `approvals show <id>` | Shows the exact call. |',
    '| `approvals approve <id>` | Shows the exact call, and approves it once you press the button. |',
    `| \`approvals deny <id> reason=…\` | Denies it; ${code('reason')} is told to who asked. |`,
  ].join('\n'),
);
