import { useId } from 'react';

export interface WordsFieldProps {
  readonly label: string;
  readonly words: string;
  readonly onWords: (words: string) => void;
  /** Where one line is enough. */
  readonly onEnter?: () => void;
  readonly isLong?: boolean;
}

/** Words that go with a decision. */
export function WordsField({ label, words, onWords, onEnter, isLong = false }: WordsFieldProps) {
  const id = useId();
  return (
    <div className="reason">
      <label htmlFor={id}>{label}</label>
      {isLong ? (
        <textarea
          // biome-ignore lint/a11y/noAutofocus: the person just asked for this field
          autoFocus
          id={id}
          rows={3}
          value={words}
          maxLength={4000}
          onChange={(event) => onWords(event.target.value)}
        />
      ) : (
        <input
          // biome-ignore lint/a11y/noAutofocus: the person just asked for this field
          autoFocus
          id={id}
          value={words}
          maxLength={2000}
          onChange={(event) => onWords(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && !event.nativeEvent.isComposing) onEnter?.();
          }}
        />
      )}
    </div>
  );
}
