import { useState } from 'react';
import type { OptionSets } from '../../../../src/chat/option.ts';
import { TrashIcon } from '../components/icons.tsx';
import { useNavigation } from '../navigation.tsx';
import { listPath } from '../route.ts';
import { useManage } from './context.tsx';
import { DeleteDialog } from './delete-dialog.tsx';
import { Facts } from './facts.tsx';
import { Page } from './page.tsx';
import { changeRow, type Marked, type ResourceForm, readRow } from './rest.ts';
import { RowActions } from './row-actions.tsx';
import { aboutRow, allFields } from './row-facts.ts';
import { RowFormView } from './row-form.tsx';
import { mayChange, mayDelete } from './row-rules.ts';
import { RowState } from './row-state.tsx';
import { Trail } from './trail.tsx';
import { useRowForm } from './use-row-form.ts';
import { useToolEditing } from './use-tool-editing.ts';

export interface RowViewProps {
  readonly resource: ResourceForm;
  readonly initial: Marked;
  /** The options of its JSON field; absent: they are not known. */
  readonly options: OptionSets | undefined;
}

/** A row: its form, what is known about it, and what can be done with it. */
export function RowView({ resource, initial, options }: RowViewProps) {
  const { go, said } = useNavigation();
  const { lists } = useManage();
  const [marked, setMarked] = useState(initial);
  const [saves, setSaves] = useState(0);
  const [isDoomed, setDoomed] = useState(false);
  const { path, form } = resource;
  const { row } = marked;
  const isOpen = mayChange(resource, row);

  const state = useRowForm({
    ...{ form, options, row },
    save: async (values) => {
      const now = Object.keys(values).length === 0 ? marked : await changeRow(path, marked, values);
      setMarked(now);
      setSaves((count) => count + 1);
      return now.row;
    },
  });
  const editing = useToolEditing({ row, state, isOpen });

  async function reload(keepsMine: boolean): Promise<void> {
    const now = await readRow(path, row.id);
    setMarked(now);
    state.rebase(now.row, keepsMine);
  }

  const about = aboutRow(resource, row);
  return (
    <Page
      title={row.display}
      trail={<Trail resource={resource} />}
      actions={
        mayDelete(resource, row) && (
          <button type="button" className="button danger" onClick={() => setDoomed(true)}>
            <TrashIcon /> Delete
          </button>
        )
      }
    >
      <RowState row={row} said={saves === 0 ? said : undefined} isFresh={saves > 0} />
      <RowActions
        resource={resource}
        row={row}
        isDirty={state.isDirty}
        saves={saves}
        editing={editing}
        onDone={() => void reload(true).catch(() => undefined)}
      />
      {isOpen ? (
        <RowFormView
          form={form}
          state={state}
          row={row}
          submit="Save"
          saved={saves > 0 ? 'Saved' : undefined}
          conflict={
            <Conflict onReload={(keepsMine) => void reload(keepsMine).then(focusSave, () => undefined)} />
          }
        />
      ) : (
        <Facts facts={allFields(resource, row)} />
      )}
      {about.length > 0 && (
        <section className="about" aria-labelledby="about-title">
          <h2 id="about-title">About this {resource.one}</h2>
          <Facts facts={about} />
        </section>
      )}
      {isDoomed && (
        <DeleteDialog
          resource={resource}
          row={row}
          onClose={() => setDoomed(false)}
          onDeleted={() => go(lists.get(path) ?? listPath(path), { replace: true, force: true })}
        />
      )}
    </Page>
  );
}

function Conflict({ onReload }: { readonly onReload: (keepsMine: boolean) => void }) {
  return (
    <div className="row">
      <button type="button" className="button small" onClick={() => onReload(true)}>
        Reload, and keep what I changed
      </button>
      <button type="button" className="button small" onClick={() => onReload(false)}>
        Reload, and discard mine
      </button>
    </div>
  );
}

/** The button that reloaded is gone with its message. */
function focusSave(): void {
  document.querySelector<HTMLElement>('.form-end [type="submit"]')?.focus();
}
