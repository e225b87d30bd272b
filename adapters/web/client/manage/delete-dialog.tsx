import { useCallback, useState } from 'react';
import { Alert } from './alert.tsx';
import { DependentsList } from './dependents-list.tsx';
import { Modal } from './modal.tsx';
import { deleteRow, type ResourceForm, type Row, readDependents, readRow, sentenceOf } from './rest.ts';
import { useLoaded } from './use-loaded.ts';

export interface DeleteDialogProps {
  readonly resource: ResourceForm;
  readonly row: Row;
  readonly onClose: () => void;
  readonly onDeleted: () => void;
}

/** Asks before a row is deleted, and says what goes or changes with it; what is in use stays. */
export function DeleteDialog({ resource, row, onClose, onDeleted }: DeleteDialogProps) {
  const load = useCallback(async () => {
    const [marked, dependents] = await Promise.all([
      readRow(resource.path, row.id),
      readDependents(resource.path, row.id),
    ]);
    return { marked, dependents };
  }, [resource.path, row.id]);
  const { value, refusal: unread } = useLoaded(load);
  const [refusal, setRefusal] = useState<string>();
  const [isDeleting, setDeleting] = useState(false);
  const isNeeded = value?.dependents.some((one) => one.on_delete === 'protect') ?? false;

  async function remove(): Promise<void> {
    if (!value || isDeleting) return;
    setDeleting(true);
    try {
      await deleteRow(resource.path, value.marked);
      onDeleted();
    } catch (error) {
      setRefusal(sentenceOf(error));
      setDeleting(false);
    }
  }

  const sentence = refusal ?? unread;
  const isPossible = value !== undefined && !isNeeded && refusal === undefined;
  return (
    <Modal title={isNeeded ? `${row.display} is in use` : `Delete ${row.display}?`} onClose={onClose}>
      <div className="dialog-body">
        {!value && unread === undefined && <p role="status">Looking what depends on it …</p>}
        {isPossible && <p>This {resource.one} will be gone. The audit log keeps what it was.</p>}
        {value && <DependentsList dependents={value.dependents} />}
        {sentence !== undefined && <Alert>{sentence}</Alert>}
      </div>
      <div className="row end">
        <button type="button" className="button" onClick={onClose}>
          {isNeeded || refusal !== undefined ? 'Close' : 'Cancel'}
        </button>
        {isPossible && (
          <button
            type="button"
            className="button danger"
            aria-disabled={isDeleting}
            onClick={() => void remove()}
          >
            Delete
          </button>
        )}
      </div>
    </Modal>
  );
}
