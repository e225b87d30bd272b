import { useCallback, useEffect, useRef, useState } from 'react';
import type { ApprovalJson, ApprovalViewJson } from '../api.ts';
import { tryToDecide } from '../decide.ts';
import type { ThreadActions } from '../use-thread.ts';
import { ApprovalCard } from './approval-card.tsx';

export interface ApprovalDialogProps {
  readonly approval: ApprovalViewJson;
  readonly onDecided: () => void;
  readonly onClose: () => void;
}

/** An approval of a thread that this person cannot open: exactly what would run, and the decision. */
export function ApprovalDialog({ approval, onDecided, onClose }: ApprovalDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [card, setCard] = useState<ApprovalJson>(approval);
  useEffect(() => dialog.current?.showModal(), []);

  const decide = useCallback<ThreadActions['decide']>(
    async ({ id }, decision, reason) => {
      const decided = await tryToDecide(id, decision, reason);
      if (decided.approval) setCard(decided.approval);
      onDecided();
      return decided.refusal;
    },
    [onDecided],
  );

  return (
    <dialog ref={dialog} className="dialog wide" aria-label="Approval" onClose={onClose}>
      <ApprovalCard card={card} whoDecides={approval.may_decide ? 'you' : 'another'} onDecide={decide} />
      <div className="row end">
        <button type="button" className="button quiet" onClick={onClose}>
          Close
        </button>
      </div>
    </dialog>
  );
}
