import { useCallback, useEffect, useRef, useState } from 'react';
import type { ApprovalJson, ApprovalViewJson } from '../api.ts';
import { tryToDecide } from '../decide.ts';
import type { ThreadActions } from '../use-thread.ts';
import { Question } from './question.tsx';

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
    async ({ id }, answer) => {
      const decided = await tryToDecide(id, answer);
      if (decided.approval) setCard(decided.approval);
      onDecided();
      return decided;
    },
    [onDecided],
  );

  return (
    <dialog ref={dialog} className="dialog wide" aria-label="Approval" onClose={onClose}>
      <Question card={card} whoDecides={approval.may_decide ? 'you' : 'another'} onDecide={decide} />
      <div className="row end">
        <button type="button" className="button quiet" onClick={onClose}>
          Close
        </button>
      </div>
    </dialog>
  );
}
