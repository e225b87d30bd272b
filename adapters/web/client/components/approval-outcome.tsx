import type { ApprovalJson } from '../api.ts';
import { CheckIcon, CrossIcon } from './icons.tsx';

const WORDS: Readonly<Record<ApprovalJson['state'], string>> = {
  pending: 'Open',
  approved: 'Approved',
  denied: 'Denied',
  expired: 'Expired without a decision',
  cancelled: 'Cancelled',
};

/** The same of what the asker alone could give. */
const NEED_WORDS: Readonly<Record<ApprovalJson['state'], string>> = {
  ...WORDS,
  approved: 'Answered',
  denied: 'Declined',
  expired: 'Expired without an answer',
};

/** What came of an approval, who decided, and why. */
export function ApprovalOutcome({ card }: { readonly card: ApprovalJson }) {
  const said = card.response ?? card.reason;
  return (
    <p className="approval-outcome" role="status">
      {card.state === 'approved' || card.response !== undefined ? <CheckIcon /> : <CrossIcon />}
      <span>
        {wordsFor(card)}
        {card.decided_by !== undefined && ` by ${card.decided_by}`}
        {said !== undefined && `: ${said}`}
      </span>
    </p>
  );
}

function wordsFor({ kind, state, response, edited_arguments }: ApprovalJson): string {
  if (response !== undefined) return 'Answered';
  const words = (kind === 'approval' ? WORDS : NEED_WORDS)[state];
  return edited_arguments === undefined ? words : `${words} with changes`;
}
