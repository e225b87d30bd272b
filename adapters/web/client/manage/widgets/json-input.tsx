import { CheckIcon, CrossIcon } from '../../components/icons.tsx';
import { textIn, writtenOf } from '../values.ts';
import { type ControlProps, described } from './control.ts';

/** JSON as text, which says while it is written whether it can be read. */
export function JsonInput(props: ControlProps) {
  const draft = textIn(props.draft);
  const written = writtenOf(props.field, draft);
  const validity = `${props.id}-validity`;
  const { widget } = props.field;
  const example =
    widget.type === 'json' && widget.example !== undefined ? JSON.stringify(widget.example) : '';
  const isEmpty = draft.trim() === '';
  return (
    <div className="json">
      <textarea
        {...described({ ...props, describedBy: `${props.describedBy} ${validity}` })}
        rows={4}
        spellCheck={false}
        placeholder={example === '' ? undefined : `Such as ${example}`}
        value={draft}
        onChange={(event) => props.onChange(event.target.value)}
      />
      {!isEmpty && !(props.isInvalid && written.ok) && (
        <div className={written.ok ? 'validity' : 'validity wrong'}>
          {written.ok ? <CheckIcon /> : <CrossIcon />}
          <span id={validity}>{written.ok ? 'Valid JSON' : written.sentences.join(' ')}</span>
          {written.ok && (
            <button
              type="button"
              className="link"
              onClick={() => props.onChange(JSON.stringify(written.value ?? {}, null, 2))}
            >
              Tidy up
            </button>
          )}
        </div>
      )}
    </div>
  );
}
