import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { JsonRows } from '../../../../../src/chat/option.ts';
import { CrossIcon, PlusIcon } from '../../components/icons.tsx';
import { FormFields } from '../form-fields.tsx';
import {
  isRowsDraft,
  newRow,
  openRowFields,
  placeOf,
  type RowDraft,
  type RowsDraft,
  rowErrors,
  rowsDraft,
} from '../rows-draft.ts';
import { type Draft, jsonText, textIn, writtenOf } from '../values.ts';
import type { ControlProps } from './control.ts';
import { JsonInput } from './json-input.tsx';

export interface RowsInputProps extends ControlProps {
  readonly rows: JsonRows;
}

/** Several of the same, each with fields of its own; or, for who prefers it, all of them as JSON. */
export function RowsInput(props: RowsInputProps) {
  const { field, draft, rows, onChange } = props;
  const [refusal, setRefusal] = useState<string>();
  const drafted = typeof draft === 'object' && isRowsDraft(draft) ? draft : undefined;

  function change(to: Draft): void {
    setRefusal(undefined);
    onChange(to);
  }

  function turn(): void {
    const written = writtenOf(field, draft ?? '');
    if (!written.ok) return setRefusal('Mend what is wrong here first.');
    if (drafted !== undefined) return change(jsonText(written.value));
    const fitting = rowsDraft(rows, written.value);
    if (fitting === undefined) return setRefusal('This JSON is not made of such parts.');
    change(fitting);
  }

  const turnWords = drafted === undefined ? 'Edit as fields' : 'Edit as JSON';
  const foot = (
    <>
      <button type="button" className="link" aria-label={`${turnWords}: ${field.label}`} onClick={turn}>
        {turnWords}
      </button>
      <span className="field-errors" role="status">
        {refusal}
      </span>
    </>
  );

  if (drafted !== undefined)
    return (
      <Rows {...props} drafted={drafted} onChange={change}>
        {foot}
      </Rows>
    );
  return (
    <div className="parts">
      <JsonInput {...props} draft={textIn(draft)} onChange={change} />
      <div className="parts-foot">{foot}</div>
    </div>
  );
}

interface RowsProps extends RowsInputProps {
  readonly drafted: RowsDraft;
  /** Beside the button that adds one. */
  readonly children: ReactNode;
}

function Rows({ drafted, children, ...props }: RowsProps) {
  const { field, rows, onChange, id, describedBy, errors } = props;
  const wanted = useRef<string>(undefined);
  const frame = useRef<HTMLDivElement>(null);
  const { rows: all } = drafted;
  const isFull = rows.maxItems !== undefined && all.length >= rows.maxItems;

  useEffect(() => {
    if (wanted.current === undefined) return;
    const part = frame.current?.querySelector(`[data-part="${wanted.current}"]`);
    const first = part?.querySelector<HTMLElement>('input, select, textarea') ?? document.getElementById(id);
    first?.focus();
    wanted.current = undefined;
  });

  function add(): void {
    const added = newRow(rows);
    wanted.current = added.id;
    onChange({ rows: [...all, added] });
  }

  function remove(at: number): void {
    wanted.current = (all[at - 1] ?? all[at + 1])?.id ?? 'none';
    onChange({ rows: all.filter((_, other) => other !== at) });
  }

  function change(row: RowDraft, changes: Partial<RowDraft>): void {
    onChange({ rows: all.map((each) => (each === row ? { ...each, ...changes } : each)) });
  }

  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a part of a grid
    <div
      ref={frame}
      className="parts"
      role="group"
      aria-labelledby={`${id}-label`}
      aria-describedby={describedBy}
    >
      {all.map((row, at) => (
        <Part
          key={row.id}
          {...{ rows, row, at }}
          label={field.label}
          scope={`${id}-${row.id}-`}
          errors={errors}
          onChange={(changes) => change(row, changes)}
          onRemove={() => remove(at)}
        />
      ))}
      <div className="parts-foot">
        {isFull ? (
          <span className="parts-full">At most {rows.maxItems}.</span>
        ) : (
          <button
            type="button"
            id={id}
            className="button small"
            aria-label={`Add to ${field.label}`}
            onClick={add}
          >
            <PlusIcon /> Add
          </button>
        )}
        {children}
      </div>
    </div>
  );
}

interface PartProps {
  readonly rows: JsonRows;
  readonly row: RowDraft;
  readonly at: number;
  readonly label: string;
  readonly scope: string;
  readonly errors: readonly string[];
  readonly onChange: (changes: Partial<RowDraft>) => void;
  readonly onRemove: () => void;
}

function Part({ rows, row, at, label, scope, errors, onChange, onRemove }: PartProps) {
  const fields = openRowFields(rows, row);
  const wrong = rowErrors(rows, row, { sentences: errors, place: placeOf(rows, row, at) });
  const called = rows.isNamed && row.name !== '' ? row.name : `${label} ${at + 1}`;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a part of a grid
    <div className="part" role="group" aria-label={called} data-part={row.id}>
      <div className="part-head">
        {rows.isNamed ? (
          <input
            type="text"
            aria-label={`${label}: name ${at + 1}`}
            autoComplete="off"
            spellCheck={false}
            placeholder="Name"
            value={row.name}
            onChange={(event) => onChange({ name: event.target.value })}
          />
        ) : (
          <span className="part-number" aria-hidden="true">
            {at + 1}
          </span>
        )}
        <button type="button" className="icon-button" aria-label={`Remove ${called}`} onClick={onRemove}>
          <CrossIcon />
        </button>
      </div>
      {wrong.others.length > 0 && (
        <div className="field-errors" role="alert">
          {wrong.others.map((sentence) => (
            <p key={sentence}>{sentence}</p>
          ))}
        </div>
      )}
      <div className="fields">
        <FormFields
          fields={fields}
          scope={scope}
          drafts={row.drafts}
          errors={wrong.fields}
          onChange={(name, draft) => onChange({ drafts: { ...row.drafts, [name]: draft } })}
        />
      </div>
    </div>
  );
}
