import type { ApprovalJson } from '../api.ts';
import type { ThreadActions } from '../use-thread.ts';

export interface DeclineButtonProps {
  readonly card: ApprovalJson;
  readonly isSending: boolean;
  readonly onDecide: ThreadActions['decide'];
}

/** Says no to what a server asks of its asker. */
export function DeclineButton({ card, isSending, onDecide }: DeclineButtonProps) {
  return (
    <button
      type="button"
      className="button"
      disabled={isSending}
      onClick={() => void onDecide(card, { decision: 'decline' })}
    >
      Decline
    </button>
  );
}
