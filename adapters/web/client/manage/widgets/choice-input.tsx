import { textIn } from '../values.ts';
import { type ControlProps, described } from './control.ts';

/** One of a few. */
export function ChoiceInput(props: ControlProps) {
  const { widget } = props.field;
  if (widget.type !== 'choice') return null;
  const draft = textIn(props.draft);
  const isKnown = widget.choices.some(({ value }) => value === draft);
  return (
    <select {...described(props)} value={draft} onChange={(event) => props.onChange(event.target.value)}>
      {props.field.isNullable && draft !== '' && <option value="">Not set</option>}
      {!isKnown && (
        <option value={draft}>{draft || (props.field.isNullable ? 'Not set' : 'Choose …')}</option>
      )}
      {widget.choices.map(({ value, label }) => (
        <option key={value} value={value}>
          {label}
        </option>
      ))}
    </select>
  );
}
