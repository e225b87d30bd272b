import { type ReactNode, useState } from 'react';
import type { ApprovalJson } from '../api.ts';
import type { ThreadActions } from '../use-thread.ts';
import { ApprovalEdit } from './approval-edit.tsx';
import { WordsField } from './words-field.tsx';

export interface DecisionButtonsProps {
  readonly card: ApprovalJson;
  readonly onDecide: ThreadActions['decide'];
}

/** What somebody is about to say, until it is sent or they go back. */
type Saying = 'nothing' | 'deny' | 'edit' | 'respond';

/** The decisions that an approval allows. Denying and answering ask for words first, editing for the arguments. */
export function DecisionButtons({ card, onDecide }: DecisionButtonsProps) {
  const [saying, setSaying] = useState<Saying>('nothing');
  const [isSending, setSending] = useState(false);
  const [refusal, setRefusal] = useState<string>();

  const say: ThreadActions['decide'] = async (to, answer) => {
    setSending(true);
    const decided = await onDecide(to, answer);
    setRefusal(decided.refusal ?? (answer.decision === 'edit' ? undefined : problemsIn(decided.fields)));
    setSending(false);
    return decided;
  };

  function open(next: Saying): void {
    setRefusal(undefined);
    setSaying(next);
  }

  const back = (
    <button type="button" className="button quiet" disabled={isSending} onClick={() => open('nothing')}>
      Back
    </button>
  );
  const props = { card, isSending, onDecide: say };
  return (
    <>
      {saying === 'nothing' && <Choices {...props} onOpen={open} />}
      {saying === 'deny' && <Denial {...props}>{back}</Denial>}
      {saying === 'edit' && <ApprovalEdit {...props}>{back}</ApprovalEdit>}
      {saying === 'respond' && <Response {...props}>{back}</Response>}
      {refusal !== undefined && (
        <p className="refusal" role="alert">
          {refusal}
        </p>
      )}
    </>
  );
}

interface SayingProps extends DecisionButtonsProps {
  readonly isSending: boolean;
}

function Choices({
  card,
  isSending,
  onDecide,
  onOpen,
}: SayingProps & { readonly onOpen: (next: Saying) => void }) {
  const { allows = ['approve', 'deny'] } = card;
  const button = (label: string, look: string, onClick: () => void) => (
    <button key={label} type="button" className={`button ${look}`} disabled={isSending} onClick={onClick}>
      {label}
    </button>
  );
  const buttons = {
    approve: button('Approve', 'primary', () => void onDecide(card, { decision: 'approve' })),
    edit: button('Edit', '', () => onOpen('edit')),
    deny: button('Deny', '', () => onOpen('deny')),
    respond: button('Respond', '', () => onOpen('respond')),
  };
  return <div className="row">{allows.map((decision) => buttons[decision])}</div>;
}

type WithBack = SayingProps & { readonly children: ReactNode };

function Denial({ card, isSending, onDecide, children }: WithBack) {
  const [reason, setReason] = useState('');
  const deny = () => void onDecide(card, { decision: 'deny', reason });
  return (
    <>
      <WordsField
        label="Why not? The bot is told (optional)"
        words={reason}
        onWords={setReason}
        onEnter={deny}
      />
      <div className="row">
        <button type="button" className="button danger" disabled={isSending} onClick={deny}>
          Deny
        </button>
        {children}
      </div>
    </>
  );
}

function Response({ card, isSending, onDecide, children }: WithBack) {
  const [message, setMessage] = useState('');
  const label = 'It will not run: the bot gets your words in place of the result';
  return (
    <>
      <WordsField label={label} words={message} onWords={setMessage} isLong />
      <div className="row">
        <button
          type="button"
          className="button primary"
          disabled={isSending}
          onClick={() => void onDecide(card, { decision: 'respond', message })}
        >
          Respond
        </button>
        {children}
      </div>
    </>
  );
}

function problemsIn(fields: Readonly<Record<string, readonly string[]>> | undefined): string | undefined {
  return fields === undefined ? undefined : Object.values(fields).flat().join(' ');
}
