import type { ReactNode } from 'react';
import type { FormField } from '../../../../src/chat/form.ts';
import { inSentence } from './in-sentence.ts';
import type { RowForm } from './use-row-form.ts';
import { textIn } from './values.ts';

export interface OptionSectionProps {
  /** The JSON field whose options these are. */
  readonly label: string;
  readonly help: string;
  /** The field that decides about them. */
  readonly deciding: string;
  readonly state: RowForm;
  readonly fields: readonly FormField[];
  readonly draw: (field: FormField) => ReactNode;
}

/** The options of a JSON field, each in its field, as what decides about them stands; or all of them as JSON. */
export function OptionSection({ label, help, deciding, state, fields, draw }: OptionSectionProps) {
  const { options, drafts, setJson } = state;
  if (options === undefined) return null;
  const { sets, isJson } = options;
  const chosen = textIn(drafts[sets.by]);
  const known = sets.sets[chosen];
  const others = (field: FormField) =>
    field.name === sets.of && !isJson && known !== undefined ? renamed(field) : field;
  const shown = fields.filter((field) => field.name !== sets.of || isJson || !isIdle(state, known?.isOpen));
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a part of a grid
    <div className="options" role="group" aria-labelledby={`options-${sets.of}`}>
      <div className="options-head">
        <h2 id={`options-${sets.of}`}>{label}</h2>
        {known !== undefined && (
          <button type="button" className="link" onClick={() => setJson(!isJson)}>
            {isJson ? 'Edit as fields' : 'Edit as JSON'}
          </button>
        )}
      </div>
      <p className="options-state" role="status">
        {sentenceOf({ chosen, deciding, isKnown: known !== undefined, count: shown.length })}
      </p>
      <div className="fields">{shown.map((field) => draw(isJson ? { ...field, help } : others(field)))}</div>
    </div>
  );
}

/** Where every option has a field, the JSON of others is of no use while there are none. */
function isIdle({ drafts, options }: RowForm, isOpen: boolean | undefined): boolean {
  return (
    isOpen === false && options !== undefined && /^(\{\s*\})?$/.test(textIn(drafts[options.sets.of]).trim())
  );
}

function renamed(field: FormField): FormField {
  return { ...field, label: `Other ${inSentence(field.label)}`, help: 'What has no field above, as JSON.' };
}

interface Chosen {
  readonly chosen: string;
  readonly deciding: string;
  readonly isKnown: boolean;
  readonly count: number;
}

function sentenceOf({ chosen, deciding, isKnown, count }: Chosen): string {
  if (chosen === '') return `They depend on the ${inSentence(deciding)}.`;
  if (!isKnown) return `Nobody knows the options of ${chosen}: write them as JSON.`;
  return count === 0 ? `${chosen} has no options.` : `Options of ${chosen}.`;
}
