import { type ControlProps, described } from './control.ts';

/** On or off. */
export function SwitchInput(props: ControlProps) {
  return (
    <input
      {...described(props)}
      type="checkbox"
      role="switch"
      className="switch"
      aria-checked={props.draft === true}
      checked={props.draft === true}
      onChange={(event) => props.onChange(event.target.checked)}
    />
  );
}
