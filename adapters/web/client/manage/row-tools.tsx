import { TrashIcon } from '../components/icons.tsx';
import type { ResourceAction, ResourceForm, Row } from './rest.ts';
import { listActionsOf, mayDelete } from './row-rules.ts';

export interface RowToolsProps {
  readonly resource: ResourceForm;
  readonly row: Row;
  readonly onAct: (row: Row, action: ResourceAction) => void;
  readonly onDelete: (row: Row) => void;
}

/** What can be done with a row from the list. */
export function RowTools({ resource, row, onAct, onDelete }: RowToolsProps) {
  return (
    <div className="row-tools">
      {listActionsOf(resource, row).map((action) => (
        <button
          key={action.name}
          type="button"
          className="button small quiet"
          aria-label={`${action.label}: ${row.display}`}
          title={action.help}
          onClick={() => onAct(row, action)}
        >
          {action.label}
        </button>
      ))}
      {mayDelete(resource, row) && (
        <button
          type="button"
          className="icon-button"
          aria-label={`Delete ${row.display}`}
          title="Delete"
          onClick={() => onDelete(row)}
        >
          <TrashIcon />
        </button>
      )}
    </div>
  );
}
