import type { ApprovalViewJson } from '../api.ts';
import { ShieldIcon } from './icons.tsx';
import { ToolName } from './tool-name.tsx';

export interface ApprovalListProps {
  readonly approvals: readonly ApprovalViewJson[];
  readonly onOpen: (approval: ApprovalViewJson) => void;
}

/** What other threads wait for, whoever asked there. Nothing while nothing waits. */
export function ApprovalList({ approvals, onOpen }: ApprovalListProps) {
  if (approvals.length === 0) return null;
  return (
    <section className="approval-list" aria-label="Waiting for approval">
      <h2>Waiting for approval</h2>
      {approvals.map((approval) => (
        <button key={approval.id} type="button" className="approval-link" onClick={() => onOpen(approval)}>
          <ShieldIcon />
          <span className="clip">
            <ToolName name={approval.tool} />
            <span className="approval-asker">
              {approval.kind === 'approval' ? `asked by ${approval.asked_by}` : 'needs you'}
            </span>
          </span>
        </button>
      ))}
    </section>
  );
}
