import { changesText } from '../../../../src/chat/changes-text.ts';
import type { ApprovalJson } from '../api.ts';
import type { ThreadActions } from '../use-thread.ts';
import { whenExpires } from '../when-expires.ts';
import { ApprovalOutcome } from './approval-outcome.tsx';
import { DecisionButtons } from './decision-buttons.tsx';
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
  const changes = changesOf(card);
  return (
    <section
      className={`approval ${card.response === undefined ? card.state : 'answered'} ${card.effect}`}
      aria-label={`Approval of ${card.tool}`}
    >
      <header>
        <ShieldIcon />
        <ToolName name={card.tool} />
        <span className={`badge ${card.effect}`}>{EFFECT_WORDS[card.effect]}</span>
      </header>
      {card.note !== undefined && <p className="note">{card.note}</p>}
      <Pre>{card.edited_arguments ?? card.arguments}</Pre>
      {changes !== '' && (
        <>
          <p className="small-print">Changed:</p>
          <Pre>{changes}</Pre>
        </>
      )}
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

/** What whoever approved it changed; empty where nobody did. */
function changesOf({ arguments: before, edited_arguments: edited }: ApprovalJson): string {
  return edited === undefined ? '' : changesText({ arguments: before, edited });
}
