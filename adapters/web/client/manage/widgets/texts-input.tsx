import { type KeyboardEvent, useEffect, useRef } from 'react';
import { CrossIcon, PlusIcon } from '../../components/icons.tsx';
import { type Entry, entriesIn, entry } from '../values.ts';
import type { ControlProps } from './control.ts';

/** A list of texts, one in each line. Enter begins another one; Backspace takes an empty one away. */
export function TextsInput({ field, draft, onChange, id, describedBy, isInvalid }: ControlProps) {
  const entries = entriesIn(draft);
  const wanted = useRef<string>(undefined);
  const lines = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (wanted.current === undefined) return;
    lines.current?.querySelector<HTMLInputElement>(`[data-entry="${wanted.current}"]`)?.focus();
    wanted.current = undefined;
  });

  function addAfter(at: number): void {
    const added = entry('', '');
    wanted.current = added.id;
    onChange([...entries.slice(0, at + 1), added, ...entries.slice(at + 1)]);
  }

  function remove(at: number): void {
    wanted.current = (entries[at - 1] ?? entries[at + 1])?.id;
    onChange(entries.filter((_, other) => other !== at));
  }

  function onKey(event: KeyboardEvent, one: Entry, at: number): void {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Enter') addAfter(at);
    else if (event.key === 'Backspace' && one.value === '') remove(at);
    else return;
    event.preventDefault();
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
        <div key={one.id} className="line">
          <input
            type="text"
            data-entry={one.id}
            aria-label={`${field.label} ${at + 1}`}
            aria-invalid={isInvalid || undefined}
            autoComplete="off"
            value={one.value}
            onChange={(event) =>
              onChange(entries.map((each) => (each === one ? { ...one, value: event.target.value } : each)))
            }
            onKeyDown={(event) => onKey(event, one, at)}
          />
          <button
            type="button"
            className="icon-button"
            aria-label={`Remove ${one.value || `line ${at + 1}`}`}
            onClick={() => remove(at)}
          >
            <CrossIcon />
          </button>
        </div>
      ))}
      <button type="button" id={id} className="button small" onClick={() => addAfter(entries.length - 1)}>
        <PlusIcon /> Add
      </button>
    </div>
  );
}
