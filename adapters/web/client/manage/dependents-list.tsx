import { inSentence } from './in-sentence.ts';
import type { Dependents } from './rest.ts';

const FATES = [
  { fate: 'protect', sentence: 'It cannot be deleted while these use it. Change or delete them first:' },
  { fate: 'cascade', sentence: 'Deleted with it:' },
  { fate: 'close', sentence: 'Closed with it:' },
  { fate: 'clear', sentence: 'Stay, and no longer refer to it:' },
] as const;

/** What becomes of the rows that point to one that is to be deleted. */
export function DependentsList({ dependents }: { readonly dependents: readonly Dependents[] }) {
  const isNeeded = dependents.some(({ on_delete }) => on_delete === 'protect');
  return FATES.filter(({ fate }) => !isNeeded || fate === 'protect').map(({ fate, sentence }) => {
    const touched = dependents.filter(({ on_delete }) => on_delete === fate);
    if (touched.length === 0) return null;
    return (
      <section key={fate} className={`fate ${fate}`}>
        <p>{sentence}</p>
        <ul>
          {touched.map(({ one, many, field, count, names }) => (
            <li key={`${many} ${field}`}>
              <strong>
                {count} {count === 1 ? one : inSentence(many)}
              </strong>
              {namesOf(names, count)}
            </li>
          ))}
        </ul>
      </section>
    );
  });
}

/** The first names of them; none where this person may not see them. */
function namesOf(names: readonly string[], count: number): string {
  if (names.length === 0) return '';
  return `: ${names.join(', ')}${count > names.length ? ` and ${count - names.length} more` : ''}`;
}
