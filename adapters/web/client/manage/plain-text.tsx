/** Characters that show nothing, or turn the writing round: words can hide behind them. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Co}\u2800\u3164\uFFA0]/u;

/** A stranger's text exactly as it is: nothing in it is markup, and what cannot be seen is named. */
export function PlainText({ text }: { readonly text: string }) {
  return (
    <span className="plain-text">
      {partsOf(text).map(({ at, isHidden, part }) =>
        isHidden ? (
          <span key={at} className="hidden-character">
            {part}
          </span>
        ) : (
          part
        ),
      )}
    </span>
  );
}

function partsOf(text: string) {
  const parts: { readonly at: number; readonly isHidden: boolean; part: string }[] = [];
  for (const character of text) {
    const isHidden = HIDDEN.test(character) && !'\n\t\r'.includes(character);
    const shown = isHidden ? nameOf(character) : character;
    const last = parts.at(-1);
    if (last?.isHidden === isHidden) last.part += shown;
    else parts.push({ at: parts.length, isHidden, part: shown });
  }
  return parts;
}

function nameOf(character: string): string {
  return `[U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`;
}
