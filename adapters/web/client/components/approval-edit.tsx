import { type ReactNode, useEffect, useState } from 'react';
import type { Form } from '../../../../src/chat/form.ts';
import { type ApprovalJson, readApproval } from '../api.ts';
import type { ThreadActions } from '../use-thread.ts';
import { DecisionForm } from './decision-form.tsx';

export interface ApprovalEditProps {
  readonly card: ApprovalJson;
  readonly isSending: boolean;
  readonly onDecide: ThreadActions['decide'];
  /** What stands beside the button that sends it. */
  readonly children: ReactNode;
}

/** The arguments of a call, to be approved as they are changed. */
export function ApprovalEdit({ card, isSending, onDecide, children }: ApprovalEditProps) {
  const form = useEditing(card.id);
  if (form === undefined) return <p className="small-print">Reading the arguments …</p>;
  if (form === 'none')
    return (
      <>
        <p className="refusal">The arguments cannot be edited now.</p>
        <div className="row">{children}</div>
      </>
    );
  return (
    <DecisionForm
      card={card}
      form={form}
      isSending={isSending}
      onSend={(values) => onDecide(card, { decision: 'edit', values })}
    >
      {children}
    </DecisionForm>
  );
}

/** Undefined while it is being read. */
function useEditing(approvalId: string): Form | 'none' | undefined {
  const [form, setForm] = useState<Form | 'none'>();
  useEffect(() => {
    let isLeft = false;
    const tell = (found: Form | 'none') => {
      if (!isLeft) setForm(found);
    };
    readApproval(approvalId).then(
      ({ editing }) => tell(editing ?? 'none'),
      () => tell('none'),
    );
    return () => {
      isLeft = true;
    };
  }, [approvalId]);
  return form;
}
