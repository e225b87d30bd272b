import { useState } from 'react';
import type { ApprovalJson } from '../api.ts';
import type { ThreadActions } from '../use-thread.ts';
import { whenExpires } from '../when-expires.ts';
import { ApprovalOutcome } from './approval-outcome.tsx';
import { ShieldIcon } from './icons.tsx';
import { Pre } from './pre.tsx';
import { ToolName } from './tool-name.tsx';

/** Who may decide an open approval: this person, another one because this one asked, or whoever has the permission. */
export type WhoDecides = 'you' | 'another' | 'permitted';

export interface ApprovalCardProps {
  readonly card: ApprovalJson;
  readonly whoDecides: WhoDecides;
  readonly onDecide: ThreadActions['decide'];
}

const EFFECT_WORDS: Readonly<Record<ApprovalJson['effect'], string>> = {
  read: 'reads',
  write: 'changes something',
  destructive: 'may destroy something',
};

const WAIT_WORDS: Readonly<Record<Exclude<WhoDecides, 'you'>, string>> = {
  another: 'You asked for this, so somebody else must approve it.',
  permitted: 'Somebody with the permission to approve must decide.',
};

/** Shows exactly what would run, lets a person decide, and keeps the outcome. */
export function ApprovalCard({ card, whoDecides, onDecide }: ApprovalCardProps) {
  const isPending = card.state === 'pending';
  return (
    <section className={`approval ${card.state} ${card.effect}`} aria-label={`Approval of ${card.tool}`}>
      <header>
        <ShieldIcon />
        <ToolName name={card.tool} />
        <span className={`badge ${card.effect}`}>{EFFECT_WORDS[card.effect]}</span>
      </header>
      {card.note !== undefined && <p className="note">{card.note}</p>}
      <Pre>{card.arguments}</Pre>
      {isPending && (
        <p className="small-print">
          Asked by {card.asked_by} · runs only with these arguments · expires {whenExpires(card.expires_at)}
        </p>
      )}
      {isPending && whoDecides === 'you' && <DecisionButtons card={card} onDecide={onDecide} />}
      {isPending && whoDecides !== 'you' && <p className="small-print">{WAIT_WORDS[whoDecides]}</p>}
      {!isPending && <ApprovalOutcome card={card} />}
    </section>
  );
}

function DecisionButtons({ card, onDecide }: Pick<ApprovalCardProps, 'card' | 'onDecide'>) {
  const [isDenying, setDenying] = useState(false);
  const [isSending, setSending] = useState(false);
  const [reason, setReason] = useState('');
  const [refusal, setRefusal] = useState<string>();

  async function decide(decision: 'approve' | 'deny'): Promise<void> {
    setSending(true);
    const decided = await onDecide(card, { decision, ...(decision === 'deny' && { reason }) });
    setRefusal(decided.refusal);
    setSending(false);
  }

  return (
    <>
      {isDenying && (
        <label className="reason">
          Why not? The bot is told (optional)
          <input
            // biome-ignore lint/a11y/noAutofocus: the person just asked for this field
            autoFocus
            value={reason}
            maxLength={2000}
            onChange={(event) => setReason(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && !event.nativeEvent.isComposing) void decide('deny');
            }}
          />
        </label>
      )}
      <div className="row">
        {!isDenying && (
          <button
            type="button"
            className="button primary"
            disabled={isSending}
            onClick={() => void decide('approve')}
          >
            Approve
          </button>
        )}
        <button
          type="button"
          className={isDenying ? 'button danger' : 'button'}
          disabled={isSending}
          onClick={() => (isDenying ? void decide('deny') : setDenying(true))}
        >
          Deny
        </button>
        {isDenying && (
          <button
            type="button"
            className="button quiet"
            disabled={isSending}
            onClick={() => setDenying(false)}
          >
            Back
          </button>
        )}
      </div>
      {refusal !== undefined && (
        <p className="refusal" role="alert">
          {refusal}
        </p>
      )}
    </>
  );
}
