import { useState } from 'react';
import type { ApprovalJson } from '../api.ts';
import { type AskerQuestion, useQuestion } from '../use-question.ts';
import type { ThreadActions } from '../use-thread.ts';
import { whenExpires } from '../when-expires.ts';
import { ApprovalOutcome } from './approval-outcome.tsx';
import { KeyIcon, LinkIcon, ListIcon } from './icons.tsx';
import { NeedForm } from './need-form.tsx';
import { NeedLink } from './need-link.tsx';
import { ToolName } from './tool-name.tsx';

export interface NeedCardProps {
  readonly card: ApprovalJson;
  readonly onDecide: ThreadActions['decide'];
}

type NeedKind = Exclude<ApprovalJson['kind'], 'approval'>;

const TITLES: Readonly<Record<NeedKind, (server: string) => string>> = {
  sign_in: (server) => `Sign in to ${server}`,
  form: (server) => `${server} asks for something`,
  link: (server) => `${server} asks to open a page`,
};

const WAITS: Readonly<Record<NeedKind, string>> = {
  sign_in: 'to sign in',
  form: 'to fill in a form',
  link: 'to open a page',
};

const ICONS: Readonly<Record<NeedKind, typeof KeyIcon>> = {
  sign_in: KeyIcon,
  form: ListIcon,
  link: LinkIcon,
};

/** What only the asker can give: they see what is asked and answer it here, others see whom it waits for. */
export function NeedCard({ card, onDecide }: NeedCardProps) {
  const question = useQuestion(card);
  const isPending = card.state === 'pending';
  const kind = card.kind === 'approval' ? 'form' : card.kind;
  const server = card.server ?? '';
  const Icon = ICONS[kind];
  return (
    <section className={`approval need ${card.state}`} aria-label={TITLES[kind](server)}>
      <header>
        <Icon />
        <strong>{TITLES[kind](server)}</strong>
        <ToolName name={card.tool} />
      </header>
      {isPending && question === undefined && <p className="small-print">Reading what is asked …</p>}
      {isPending && question === 'others' && (
        <p className="small-print">
          Waiting for {card.asked_by} {WAITS[kind]}.
        </p>
      )}
      {isPending && question instanceof Error && <p className="refusal">{question.message}</p>}
      {isPending && question !== undefined && question !== 'others' && !(question instanceof Error) && (
        <Asked card={card} question={question} onDecide={onDecide} />
      )}
      {!isPending && <ApprovalOutcome card={card} />}
    </section>
  );
}

function Asked({ card, question, onDecide }: NeedCardProps & { readonly question: AskerQuestion }) {
  const [isSending, setSending] = useState(false);
  const [refusal, setRefusal] = useState<string>();

  const say: ThreadActions['decide'] = async (to, answer) => {
    setSending(true);
    const decided = await onDecide(to, answer);
    setRefusal(decided.refusal);
    setSending(false);
    return decided;
  };

  const props = { card, isSending, onDecide: say };
  return (
    <>
      {question.type !== 'sign_in' && <p className="need-message">{question.message}</p>}
      {question.type === 'form' ? (
        <NeedForm {...props} form={question.form} />
      ) : (
        <NeedLink {...props} question={question} />
      )}
      <p className="small-print">Only you see this · expires {whenExpires(card.expires_at)}</p>
      {refusal !== undefined && (
        <p className="refusal" role="alert">
          {refusal}
        </p>
      )}
    </>
  );
}
