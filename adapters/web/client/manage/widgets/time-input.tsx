import { textIn } from '../values.ts';
import { type ControlProps, described } from './control.ts';

/** A date and a time in the time zone of this browser. */
export function TimeInput(props: ControlProps) {
  return (
    <input
      {...described(props)}
      type="datetime-local"
      value={textIn(props.draft)}
      onChange={(event) => props.onChange(event.target.value)}
    />
  );
}
