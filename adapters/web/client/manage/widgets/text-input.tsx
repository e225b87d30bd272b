import { textIn } from '../values.ts';
import { type ControlProps, described } from './control.ts';
import { TimezoneList } from './timezone-list.tsx';

/** On phones they bring keys that fit. */
const TYPES = { email: 'email', uri: 'url', date: 'date' } as const;

/** One line of text. */
export function TextInput(props: ControlProps) {
  const { widget } = props.field;
  const { maxLength, format, suggests } = widget.type === 'text' ? widget : {};
  const placeholder = 'placeholder' in widget ? widget.placeholder : undefined;
  const listed = suggests === undefined ? undefined : `${props.id}-listed`;
  return (
    <>
      <input
        {...described(props)}
        type={format === undefined ? 'text' : TYPES[format]}
        autoComplete="off"
        maxLength={maxLength}
        placeholder={placeholder}
        value={textIn(props.draft)}
        onChange={(event) => props.onChange(event.target.value)}
        list={listed}
      />
      {listed !== undefined && <TimezoneList id={listed} />}
    </>
  );
}
