import { entriesIn, entry } from '../values.ts';
import type { ControlProps } from './control.ts';

/** Several of a few, and no others: boxes to tick. */
export function TicksInput({ field, draft, onChange, id, describedBy }: ControlProps) {
  const entries = entriesIn(draft);
  const choices = field.widget.type === 'texts' ? (field.widget.choices ?? []) : [];
  const isChosen = (value: string) => entries.some((one) => one.value === value);

  function toggle(value: string): void {
    if (isChosen(value)) onChange(entries.filter((one) => one.value !== value));
    else onChange([...entries, entry('', value)]);
  }

  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a part of a grid
    <div className="ticks" role="group" aria-labelledby={`${id}-label`} aria-describedby={describedBy}>
      {choices.map(({ value, label }, at) => (
        <label key={value}>
          <input
            type="checkbox"
            id={at === 0 ? id : undefined}
            checked={isChosen(value)}
            onChange={() => toggle(value)}
          />
          {label}
        </label>
      ))}
    </div>
  );
}
