import type { ApprovalJson } from '../api.ts';
import { CheckIcon, CrossIcon } from './icons.tsx';

const WORDS: Readonly<Record<ApprovalJson['state'], string>> = {
  pending: 'Open',
  approved: 'Approved',
  denied: 'Denied',
  expired: 'Expired without a decision',
  cancelled: 'Cancelled',
};

/** What came of an approval, who decided, and why. */
export function ApprovalOutcome({ card }: { readonly card: ApprovalJson }) {
  return (
    <p className="approval-outcome" role="status">
      {card.state === 'approved' ? <CheckIcon /> : <CrossIcon />}
      <span>
        {WORDS[card.state]}
        {card.decided_by !== undefined && ` by ${card.decided_by}`}
        {card.reason !== undefined && `: ${card.reason}`}
      </span>
    </p>
  );
}
