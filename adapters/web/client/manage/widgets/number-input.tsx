import { textIn } from '../values.ts';
import { type ControlProps, described } from './control.ts';

/**
 * A number with its unit. A plain text field with a number pad: `type=number` hides what cannot be
 * read, and turns with the mouse wheel.
 */
export function NumberInput(props: ControlProps) {
  const { widget } = props.field;
  if (widget.type !== 'number') return null;
  const { isInteger, min, max, unit = '' } = widget;
  const isBetween = min !== undefined && max !== undefined;
  const about = [isBetween ? rangeOf(min, max) : '', unit].filter(Boolean).join(' ');
  return (
    <span className="with-unit">
      <input
        {...described(props)}
        type="text"
        inputMode={isInteger ? 'numeric' : 'decimal'}
        autoComplete="off"
        placeholder={isBetween ? undefined : rangeOf(min, max)}
        value={textIn(props.draft)}
        onChange={(event) => props.onChange(event.target.value.trim())}
      />
      {about !== '' && <span className="unit">{about}</span>}
    </span>
  );
}

function rangeOf(min: number | undefined, max: number | undefined): string | undefined {
  if (min !== undefined && max !== undefined) return `${min} to ${max}`;
  if (min !== undefined) return `${min} or more`;
  return max === undefined ? undefined : `${max} or less`;
}
