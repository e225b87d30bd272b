import { useState } from 'react';
import { readReferences } from '../../commands/api.ts';
import { textIn } from '../values.ts';
import { type ControlProps, described } from './control.ts';

const KINDS = [
  { prefix: 'env:', form: 'env:NAME', where: 'an environment variable of the bot' },
  { prefix: 'file:', form: 'file:name', where: 'a file in its folder of secrets' },
  { prefix: 'vault:', form: 'vault:mount/path#field', where: 'a field of a secret in Vault' },
] as const;

/** Where a secret is, with the ways to say so; never the secret. */
export function SecretInput(props: ControlProps) {
  const draft = textIn(props.draft);
  const explanation = `${props.id}-kinds`;
  const listed = `${props.id}-listed`;
  const [known, setKnown] = useState<readonly string[]>();

  /** What there is to choose is looked up once; without it references are written as before. */
  function look(): void {
    if (known !== undefined) return;
    setKnown([]);
    readReferences('').then(
      (found) => setKnown(found.map(({ value }) => value)),
      () => undefined,
    );
  }

  function begin(prefix: string): void {
    const rest = draft.replace(/^(env|file|vault):/, '');
    props.onChange(prefix + rest);
    document.getElementById(props.id)?.focus();
  }

  return (
    <div className="secret">
      <input
        {...described({ ...props, describedBy: `${props.describedBy} ${explanation}` })}
        type="text"
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        placeholder="env:NAME"
        list={listed}
        onFocus={look}
        value={draft}
        onChange={(event) => props.onChange(event.target.value)}
      />
      <datalist id={listed}>
        {known?.map((reference) => (
          <option key={reference} value={reference} />
        ))}
      </datalist>
      <ul className="secret-kinds" id={explanation}>
        {KINDS.map(({ prefix, form, where }) => (
          <li key={prefix}>
            <button
              type="button"
              className="chip-button"
              aria-pressed={draft.startsWith(prefix)}
              aria-label={`Begin with ${prefix}`}
              onClick={() => begin(prefix)}
            >
              {form}
            </button>{' '}
            {where}
          </li>
        ))}
      </ul>
    </div>
  );
}
