import { useCallback } from 'react';
import type { Choice } from '../../../../../src/chat/form.ts';
import { useManage } from '../context.tsx';
import { readOptions } from '../options.ts';
import { useLoaded } from '../use-loaded.ts';
import { textIn } from '../values.ts';
import { type ControlProps, described } from './control.ts';
import { MissingNote } from './missing-note.tsx';
import { TextInput } from './text-input.tsx';

/** A row of another resource: one of the choices that the field names, or one of those that may be seen. */
export function ReferenceInput(props: ControlProps) {
  const { resources } = useManage();
  const { widget } = props.field;
  if (widget.type !== 'reference') return null;
  if (widget.choices) return <Named {...props} choices={widget.choices} />;
  const isListed = resources.some(({ path }) => path === widget.resource);
  return isListed ? <Listed {...props} resource={widget.resource} /> : <Unlisted {...props} />;
}

/** Exactly these, by name. */
function Named({ choices, ...props }: ControlProps & { readonly choices: readonly Choice[] }) {
  const draft = textIn(props.draft);
  const name = props.known?.id === draft ? props.known.name : draft;
  const chosen = choices.find(({ value }) => value === name);
  return (
    <>
      <select {...described(props)} value={name} onChange={(event) => props.onChange(event.target.value)}>
        <Nothing {...props} />
        {name !== '' && chosen === undefined && <option value={name}>{name}</option>}
        {choices.map(({ value, label }) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
      {chosen?.isMissing && <MissingNote isCritical={props.drafts.is_critical === true} />}
    </>
  );
}

function Listed({ resource, ...props }: ControlProps & { readonly resource: string }) {
  const { value: options, refusal } = useLoaded(useCallback(() => readOptions(resource), [resource]));
  if (refusal !== undefined) return <Unlisted {...props} />;

  const draft = textIn(props.draft);
  const chosen = options?.find(({ id, name }) => id === draft || name === draft);
  return (
    <>
      <select
        {...described(props)}
        value={chosen?.id ?? draft}
        onChange={(event) => props.onChange(event.target.value)}
      >
        <Nothing {...props} />
        {draft !== '' && !chosen && <option value={draft}>{nameOf(props)}</option>}
        {options?.map(({ id, display, isMissing }) => (
          <option key={id} value={id}>
            {isMissing ? `${display} (not available)` : display}
          </option>
        ))}
      </select>
      {chosen?.isMissing && <MissingNote isCritical={props.drafts.is_critical === true} />}
    </>
  );
}

/** Those may not be seen: the one that is known is shown by its name, and where there is none one can be named. */
function Unlisted(props: ControlProps) {
  const draft = textIn(props.draft);
  const isKnown = draft !== '' && draft === props.known?.id;
  if (!isKnown) return <TextInput {...props} />;
  return <input {...described(props)} type="text" readOnly value={nameOf(props)} />;
}

function nameOf({ draft, known }: ControlProps): string {
  return known !== undefined && known.id === draft ? known.name : textIn(draft);
}

function Nothing({ field: { isNullable }, draft }: ControlProps) {
  if (isNullable) return <option value="">None</option>;
  return textIn(draft) === '' && <option value="">Choose …</option>;
}
