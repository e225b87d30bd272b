import { useEffect, useRef } from 'react';
import { CrossIcon, PlusIcon } from '../../components/icons.tsx';
import { type Entry, entriesIn, entry } from '../values.ts';
import type { ControlProps } from './control.ts';

/** Names and their values, one pair in each line. */
export function PairsInput({ field, draft, onChange, id, describedBy, isInvalid }: ControlProps) {
  const entries = entriesIn(draft);
  const wanted = useRef<string>(undefined);
  const lines = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (wanted.current === undefined) return;
    lines.current?.querySelector<HTMLInputElement>(`[data-entry="${wanted.current}"]`)?.focus();
    wanted.current = undefined;
  });

  function add(): void {
    const added = entry('', '');
    wanted.current = added.id;
    onChange([...entries, added]);
  }

  function remove(at: number): void {
    wanted.current = (entries[at - 1] ?? entries[at + 1])?.id;
    onChange(entries.filter((_, other) => other !== at));
  }

  function change(one: Entry, changes: Partial<Entry>): void {
    onChange(entries.map((each) => (each === one ? { ...one, ...changes } : each)));
  }

  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a part of a grid
    <div
      ref={lines}
      className="lines"
      role="group"
      aria-labelledby={`${id}-label`}
      aria-describedby={describedBy}
    >
      {entries.map((one, at) => (
        <div key={one.id} className="line pair">
          <input
            type="text"
            data-entry={one.id}
            aria-label={`${field.label}: name ${at + 1}`}
            aria-invalid={isInvalid || undefined}
            autoComplete="off"
            spellCheck={false}
            placeholder="Name"
            value={one.name}
            onChange={(event) => change(one, { name: event.target.value })}
          />
          <input
            type="text"
            aria-label={`${field.label}: value of ${one.name || `line ${at + 1}`}`}
            aria-invalid={isInvalid || undefined}
            autoComplete="off"
            spellCheck={false}
            placeholder="Value"
            value={one.value}
            onChange={(event) => change(one, { value: event.target.value })}
          />
          <button
            type="button"
            className="icon-button"
            aria-label={`Remove ${one.name || `line ${at + 1}`}`}
            onClick={() => remove(at)}
          >
            <CrossIcon />
          </button>
        </div>
      ))}
      <button type="button" id={id} className="button small" onClick={add}>
        <PlusIcon /> Add
      </button>
    </div>
  );
}
