import { useCallback, useState } from 'react';
import { Alert } from './alert.tsx';
import { DependentsList } from './dependents-list.tsx';
import { Modal } from './modal.tsx';
import {
  type Dependents,
  deleteRow,
  type ResourceForm,
  type Row,
  readDependents,
  readRow,
  readSuccessor,
  sentenceOf,
} from './rest.ts';
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
    const [marked, dependents, successor] = await Promise.all([
      readRow(resource.path, row.id),
      readDependents(resource.path, row.id),
      readSuccessor(resource, row.id),
    ]);
    return { marked, dependents, successor };
  }, [resource, row.id]);
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
        {isPossible && value.successor && (
          <p className="successor">
            {value.successor.otherwise} {value.successor.sentence}
          </p>
        )}
        {value && <DependentsList dependents={value.dependents} />}
        {isPossible && <p>{lastWords(resource, value.dependents)}</p>}
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

/** Pages have no Undo: what chats can bring back for a while is gone from here. */
function lastWords({ one }: ResourceForm, dependents: readonly Dependents[]): string {
  const goes = dependents.some(({ on_delete }) => on_delete === 'cascade' || on_delete === 'close');
  const what = goes ? `This ${one} will be gone, and what goes with it.` : `This ${one} will be gone.`;
  return `${what} This cannot be undone. The audit log keeps what it was.`;
}
