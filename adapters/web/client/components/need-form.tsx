import type { Form } from '../../../../src/chat/form.ts';
import type { ApprovalJson } from '../api.ts';
import type { ThreadActions } from '../use-thread.ts';
import { DecisionForm } from './decision-form.tsx';
import { DeclineButton } from './decline-button.tsx';

export interface NeedFormProps {
  readonly card: ApprovalJson;
  readonly form: Form;
  readonly isSending: boolean;
  readonly onDecide: ThreadActions['decide'];
}

/** A form that a server asks for. */
export function NeedForm({ card, form, isSending, onDecide }: NeedFormProps) {
  return (
    <DecisionForm
      card={card}
      form={form}
      isSending={isSending}
      onSend={(values) => onDecide(card, { decision: 'answer', values })}
    >
      <DeclineButton card={card} isSending={isSending} onDecide={onDecide} />
    </DecisionForm>
  );
}
