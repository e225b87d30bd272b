import type { ReactNode } from 'react';
import { type PlanStep, planHead } from '../../../../src/chat/live.ts';
import { CheckIcon, ChevronIcon, SpinnerIcon, StopIcon } from './icons.tsx';

export interface PlanViewProps {
  readonly steps: readonly PlanStep[];
  /** Its turn is over: what is not done stays so. */
  readonly isOver: boolean;
}

/** What the bot has set itself, ticked off as it goes; folded once all of it is done. */
export function PlanView({ steps, isOver }: PlanViewProps) {
  const isDone = steps.every(({ status }) => status === 'completed');
  return (
    <details className="plan" open={!(isOver && isDone)}>
      <summary>
        <span>Plan</span>
        <span className="plan-head">{planHead(steps)}</span>
        <ChevronIcon />
      </summary>
      <ol>
        {steps.map((step, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: steps have no other name than their place
          <li key={at} className={step.status}>
            <Sign status={step.status} isOver={isOver} />
            <span>{step.text}</span>
          </li>
        ))}
      </ol>
    </details>
  );
}

function Sign({ status, isOver }: Pick<PlanViewProps, 'isOver'> & Pick<PlanStep, 'status'>) {
  if (status === 'completed') return <Labelled word="done" icon={<CheckIcon />} />;
  if (status === 'pending') return <Labelled word="not begun" icon={<span className="plan-box" />} />;
  return isOver ? (
    <Labelled word="not finished" icon={<StopIcon />} />
  ) : (
    <Labelled word="under way" icon={<SpinnerIcon />} />
  );
}

function Labelled({ word, icon }: { readonly word: string; readonly icon: ReactNode }) {
  return (
    <span className="plan-sign" role="img" aria-label={word}>
      {icon}
    </span>
  );
}
