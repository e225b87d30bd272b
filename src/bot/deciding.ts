import type { JsonObject } from '../agent/json.ts';
import type { DecisionInput } from '../chat/bot.ts';
import { ForbiddenError, InvalidError } from '../chat/errors.ts';
import type { Principal } from '../chat/inbound.ts';
import { readValues } from './asked-values.ts';
import type { Approval, Deciders } from './port.ts';

/** Somebody who decides: all that they are, and what they may do where that is known. */
export interface Decider {
  readonly own: ReadonlySet<Principal>;
  readonly permissions?: ReadonlySet<string>;
  /** Who asked may approve. */
  readonly selfApproval: boolean;
}

/** Whether this person asked, whichever of their identities it was. */
export function isAsker({ askedBy, deciders }: Approval, { own }: Decider): boolean {
  return own.has(askedBy.principal) || (deciders.never ?? []).some((principal) => own.has(principal));
}

/** Whether this person may say yes; to what only the asker can give, whether they are the asker. */
export function mayApprove(approval: Approval, decider: Decider): boolean {
  return refusalOf(approval, decider, 'approve') === undefined;
}

/** Throws `ForbiddenError` when this person may not say this. */
export function checkDecider(
  approval: Approval,
  decider: Decider,
  decision: DecisionInput['decision'],
): void {
  const refusal = refusalOf(approval, decider, isYes(decision) ? 'approve' : 'deny');
  if (refusal !== undefined) throw new ForbiddenError(refusal);
}

/** Why somebody may not say this, as a sentence. */
function refusalOf(approval: Approval, decider: Decider, word: 'approve' | 'deny'): string | undefined {
  const { need, askedBy, deciders } = approval;
  const isOwn = isAsker(approval, decider);
  if (!isAmong(deciders, decider.own)) {
    return need === undefined
      ? 'Others were asked to decide this.'
      : `Only ${askedBy.name} can give what this asks for.`;
  }
  if (need === undefined && isOwn && word === 'deny') return undefined;
  if (decider.permissions?.has(deciders.permission) === false)
    return `This needs the permission "${deciders.permission}"; ask an administrator to grant it.`;
  if (need === undefined && isOwn && !decider.selfApproval)
    return 'You asked for this, so somebody else must approve it.';
  return undefined;
}

function isAmong({ only }: Deciders, own: ReadonlySet<Principal>): boolean {
  return only === undefined || only.some((principal) => own.has(principal));
}

/** What a decision comes to. */
export interface Verdict {
  readonly state: 'approved' | 'denied';
  /** Of a form, as the server takes it. */
  readonly content?: JsonObject;
}

/** Reads what somebody said to a question. Throws `InvalidError` when it does not answer it. */
export function verdictOf({ need }: Approval, { decision, values }: DecisionInput): Verdict {
  if (need === undefined && decision !== 'approve' && decision !== 'deny') {
    throw new InvalidError({
      decision: ['This asks whether a call may run: decide with "approve" or "deny".'],
    });
  }
  if (!isYes(decision)) return { state: 'denied' };
  if (need?.type !== 'form') {
    if (values !== undefined) throw new InvalidError({ values: ['Only a form is answered with values.'] });
    return { state: 'approved' };
  }
  const read = readValues(need.schema, values ?? {});
  if ('fields' in read) throw new InvalidError(read.fields);
  return { state: 'approved', content: read.content };
}

function isYes(decision: DecisionInput['decision']): boolean {
  return decision === 'approve' || decision === 'answer';
}
