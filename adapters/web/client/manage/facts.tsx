import type { Fact } from './fact.ts';
import { Shown } from './shown.tsx';

/** Labelled values, to be read only. */
export function Facts({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <dl className="facts">
      {facts.map(({ name, label, help, ...shown }) => (
        <div key={name}>
          <dt>{label}</dt>
          <dd>
            <Shown {...shown} />
          </dd>
          {help !== undefined && <dd className="fact-help">{help}</dd>}
        </div>
      ))}
    </dl>
  );
}
