import { useEffect, useRef } from 'react';
import { CrossIcon } from '../components/icons.tsx';
import { ActionResult } from './action-result.tsx';
import type { ResourceForm, Row } from './rest.ts';
import { actionsOf } from './row-rules.ts';
import type { ToolEditing } from './tool-decisions.tsx';
import { useAction } from './use-action.ts';
import { usePinning } from './use-pinning.ts';

export interface RowActionsProps {
  readonly resource: ResourceForm;
  readonly row: Row;
  /** The form holds what is not saved; actions know only what is. */
  readonly isDirty: boolean;
  /** How often it was saved here. */
  readonly saves: number;
  readonly editing: ToolEditing;
  /** Something was done that may have changed the row. */
  readonly onDone: () => void;
}

/** What the row can be asked to do, and what came of it. */
export function RowActions({ resource, row, isDirty, saves, editing, onDone }: RowActionsProps) {
  const { outcome, run, close, renew } = useAction({
    path: resource.path,
    id: row.id,
    onDone,
  });
  const pinning = usePinning({ resource, row, onDone: renew });
  const seen = useRef(saves);
  useEffect(() => {
    if (seen.current === saves) return;
    seen.current = saves;
    renew();
  }, [saves, renew]);
  const buttons = useRef<HTMLDivElement>(null);

  const actions = actionsOf(resource, row);
  if (actions.length === 0) return null;
  return (
    <section className="actions" aria-label="Actions">
      <div className="row" ref={buttons}>
        {actions.map((action) => (
          <button
            key={action.name}
            type="button"
            className="button"
            title={action.help}
            aria-disabled={outcome?.state === 'running'}
            onClick={() => {
              if (outcome?.state !== 'running') void run(action);
            }}
          >
            {action.label}
          </button>
        ))}
      </div>
      {isDirty && <p className="field-help">These work with what is saved, not with what you are writing.</p>}
      {outcome && (
        <section className="action-outcome" aria-label={`Result: ${outcome.action.label}`}>
          <header>
            <h2>{outcome.action.label}</h2>
            <button
              type="button"
              className="icon-button"
              aria-label="Close the result"
              onClick={() => {
                close();
                buttons.current?.querySelector('button')?.focus();
              }}
            >
              <CrossIcon />
            </button>
          </header>
          <ActionResult outcome={outcome} editing={editing} pinning={pinning} />
        </section>
      )}
    </section>
  );
}
