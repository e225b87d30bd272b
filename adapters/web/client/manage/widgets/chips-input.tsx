import { useId, useState } from 'react';
import { CrossIcon } from '../../components/icons.tsx';
import { entriesIn, entry } from '../values.ts';
import type { ControlProps } from './control.ts';

/** Several of many known texts: what is chosen as chips, the others as boxes to tick, and a field for more. */
export function ChipsInput({ field, draft, onChange, id, describedBy, isInvalid }: ControlProps) {
  const [text, setText] = useState('');
  const group = useId();
  const entries = entriesIn(draft);
  const chosen = new Set(entries.map(({ value }) => value));
  const choices = field.widget.type === 'texts' ? (field.widget.choices ?? []) : [];
  const offered = choices.filter(({ value, label }) =>
    `${value} ${label}`.toLowerCase().includes(text.trim().toLowerCase()),
  );

  const add = (value: string) => onChange([...entries, entry('', value)]);
  const remove = (value: string) => onChange(entries.filter((one) => one.value !== value));

  function addWritten(): void {
    const value = text.trim();
    if (value !== '' && !chosen.has(value)) add(value);
    setText('');
  }

  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a part of a grid
    <div className="chips" role="group" aria-labelledby={`${id}-label`} aria-describedby={describedBy}>
      {entries.length > 0 && (
        <ul className="chip-list">
          {entries.map(({ id: key, value }) => (
            <li key={key} className="chip">
              {value}
              <button
                type="button"
                className="icon-button"
                aria-label={`Remove ${value}`}
                onClick={() => remove(value)}
              >
                <CrossIcon />
              </button>
            </li>
          ))}
        </ul>
      )}
      <input
        type="text"
        id={id}
        autoComplete="off"
        aria-label={`Find or add: ${field.label}`}
        aria-invalid={isInvalid || undefined}
        placeholder="Find, or write another and press Enter"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
          event.preventDefault();
          addWritten();
        }}
      />
      <div className="ticks">
        {offered.map(({ value, label }) => (
          <label key={value}>
            <input
              type="checkbox"
              name={group}
              checked={chosen.has(value)}
              onChange={() => (chosen.has(value) ? remove(value) : add(value))}
            />
            {label}
          </label>
        ))}
      </div>
    </div>
  );
}
