import { useCallback } from 'react';
import { readOptions } from '../options.ts';
import { useLoaded } from '../use-loaded.ts';
import { textIn } from '../values.ts';
import { type ControlProps, described } from './control.ts';

/** Somebody to whom something can be given: whoever is known is suggested by name, others are written. */
export function PrincipalInput(props: ControlProps) {
  const { widget } = props.field;
  const { value: known } = useLoaded(useCallback(() => readOptions('identities', 'principal'), []));
  const listed = `${props.id}-listed`;
  return (
    <>
      <input
        {...described(props)}
        type="text"
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        placeholder={widget.type === 'principal' ? widget.placeholder : undefined}
        list={listed}
        value={textIn(props.draft)}
        onChange={(event) => props.onChange(event.target.value)}
      />
      <datalist id={listed}>
        {known?.map(({ id, name, display }) => (
          <option key={id} value={name}>
            {display}
          </option>
        ))}
      </datalist>
    </>
  );
}
