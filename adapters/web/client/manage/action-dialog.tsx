import { ActionResult } from './action-result.tsx';
import { Modal } from './modal.tsx';
import type { ResourceAction, ResourceForm, Row } from './rest.ts';
import { overridesIn } from './tool-overrides.ts';
import { useAction } from './use-action.ts';
import { usePinning } from './use-pinning.ts';

export interface ActionDialogProps {
  readonly resource: ResourceForm;
  readonly row: Row;
  readonly action: ResourceAction;
  readonly onClose: () => void;
  /** The row may be another one now. */
  readonly onDone: () => void;
}

/** Runs an action on a row of a list and shows what came of it. */
export function ActionDialog({ resource, row, action, onClose, onDone }: ActionDialogProps) {
  const { outcome, renew } = useAction({ path: resource.path, id: row.id, begin: action, onDone });
  const pinning = usePinning({ resource, row, onDone: renew });
  const stored = overridesIn(row.tool_overrides) ?? {};
  return (
    <Modal title={`${action.label}: ${row.display}`} isWide onClose={onClose}>
      <ActionResult outcome={outcome} editing={{ written: stored }} pinning={pinning} />
      <div className="row end">
        <button type="button" className="button" onClick={onClose}>
          Close
        </button>
      </div>
    </Modal>
  );
}
