import { ApprovalCard, type ApprovalCardProps } from './approval-card.tsx';
import { NeedCard } from './need-card.tsx';

/** What a turn waits for: that a call may run, or something that only the asker can give. */
export function Question(props: ApprovalCardProps) {
  const { card, onDecide } = props;
  return card.kind === 'approval' ? (
    <ApprovalCard {...props} />
  ) : (
    <NeedCard card={card} onDecide={onDecide} />
  );
}
