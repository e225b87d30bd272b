import { textIn } from '../values.ts';
import { type ControlProps, described } from './control.ts';

/** On phones they bring keys that fit. */
const TYPES = { email: 'email', uri: 'url', date: 'date' } as const;

/** One line of text. */
export function TextInput(props: ControlProps) {
  const { widget } = props.field;
  const { maxLength, placeholder, format } = widget.type === 'text' ? widget : {};
  return (
    <input
      {...described(props)}
      type={format === undefined ? 'text' : TYPES[format]}
      autoComplete="off"
      maxLength={maxLength}
      placeholder={placeholder}
      value={textIn(props.draft)}
      onChange={(event) => props.onChange(event.target.value)}
    />
  );
}
