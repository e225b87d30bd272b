import type { JsonObject } from '../agent/json.ts';
import { askDecisions } from '../agent/middleware.ts';
import type { Need } from '../agent/tool.ts';
import type { DecisionInput } from '../chat/bot.ts';
import { ForbiddenError, InvalidError } from '../chat/errors.ts';
import type { Principal } from '../chat/inbound.ts';
import { readValues } from './asked-values.ts';
import { editedIn } from './editing.ts';
import type { Approval, Deciders } from './port.ts';
import { allowsOf } from './questions.ts';

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
  const refusal = refusalOf(approval, decider, isNo(decision) ? 'deny' : 'approve');
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
  /** What is to run in place of what was asked. */
  readonly edited?: JsonObject;
  /** What the call is answered with in place of being run. */
  readonly response?: string;
}

/** Reads what somebody said to a question. Throws `InvalidError` when it does not answer it. */
export async function verdictOf(approval: Approval, input: DecisionInput): Promise<Verdict> {
  checkParts(input);
  const { need } = approval;
  return need === undefined ? await verdictOnCall(approval, input) : verdictOnNeed(need, input);
}

/** What is said belongs to what is decided. */
function checkParts({ decision, arguments: args, message }: DecisionInput): void {
  if (args !== undefined && decision !== 'edit')
    throw new InvalidError({ arguments: ['Other arguments are approved with the decision "edit".'] });
  if (message !== undefined && decision !== 'respond')
    throw new InvalidError({ message: ['A message belongs to the decision "respond".'] });
}

function verdictOnNeed(need: Need, { decision, values }: DecisionInput): Verdict {
  if (decision === 'edit' || decision === 'respond')
    throw new InvalidError({ decision: ['This is no call: say "answer" or "decline".'] });
  if (isNo(decision)) return { state: 'denied' };
  if (need.type !== 'form') return withoutValues(values, { state: 'approved' });
  const read = readValues(need.schema, values ?? {});
  if ('fields' in read) throw new InvalidError(read.fields);
  return { state: 'approved', content: read.content };
}

async function verdictOnCall(approval: Approval, input: DecisionInput): Promise<Verdict> {
  const { decision, values } = input;
  const allowed: readonly string[] = allowsOf(approval);
  if (!allowed.includes(decision)) throw new InvalidError({ decision: [notAllowed(allowed, decision)] });
  switch (decision) {
    case 'approve':
      return withoutValues(values, { state: 'approved' });
    case 'edit':
      return { state: 'approved', ...(await editedIn(approval, input)) };
    case 'respond':
      return { state: 'denied', response: responseIn(input) };
    default:
      return { state: 'denied' };
  }
}

function withoutValues(values: DecisionInput['values'], verdict: Verdict): Verdict {
  if (values !== undefined) throw new InvalidError({ values: ['Only a form is answered with values.'] });
  return verdict;
}

function notAllowed(allowed: readonly string[], decision: string): string {
  const listed = allowed
    .map((word) => `"${word}"`)
    .join(', ')
    .replace(/, ([^,]*)$/, ' or $1');
  const isKnown = (askDecisions as readonly string[]).includes(decision);
  return isKnown
    ? `"${decision}" is not allowed for this call: decide with ${listed}.`
    : `This asks whether a call may run: decide with ${listed}.`;
}

const longestResponse = 4000;

function responseIn({ message, reason = '' }: DecisionInput): string {
  const words = (message ?? reason).trim();
  if (words === '') throw new InvalidError({ message: ['Write what the model gets in place of a result.'] });
  if (words.length > longestResponse)
    throw new InvalidError({ message: [`Write at most ${longestResponse} characters.`] });
  return words;
}

function isNo(decision: DecisionInput['decision']): boolean {
  return decision === 'deny' || decision === 'decline';
}
