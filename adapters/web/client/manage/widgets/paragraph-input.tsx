import { textIn } from '../values.ts';
import { type ControlProps, described } from './control.ts';

/** Texts that are pages rather than lines, and whose spaces count. */
const LONG = new Set(['prompt_text']);

/** Several lines of text; grows with them. */
export function ParagraphInput(props: ControlProps) {
  const { widget } = props.field;
  return (
    <textarea
      {...described(props)}
      rows={LONG.has(props.field.name) ? 16 : 5}
      className={LONG.has(props.field.name) ? 'long' : undefined}
      maxLength={widget.type === 'paragraph' ? widget.maxLength : undefined}
      value={textIn(props.draft)}
      onChange={(event) => props.onChange(event.target.value)}
    />
  );
}
