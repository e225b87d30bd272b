import { CheckIcon, ShieldIcon } from '../components/icons.tsx';
import { PinStatus } from './pin-status.tsx';
import { PlainText } from './plain-text.tsx';
import { ToolChanges } from './tool-change.tsx';
import type { Pinned } from './tool-list.ts';

export interface WaitingToolsProps {
  readonly waiting: readonly Pinned[];
  /** Absent for who may not. */
  readonly onAccept?: ((pinned: readonly Pinned[]) => void) | undefined;
}

/** What a server says that nobody has accepted: what it is, what changed, and the buttons that accept it. */
export function WaitingTools({ waiting, onAccept }: WaitingToolsProps) {
  if (waiting.length === 0) return null;
  const isOne = waiting.length === 1;
  return (
    <section className="waiting-tools" aria-labelledby="waiting-title">
      <header>
        <ShieldIcon />
        <div className="waiting-about">
          <h3 id="waiting-title">
            {isOne ? '1 definition waits' : `${waiting.length} definitions wait`} to be accepted
          </h3>
          <p>
            Models are told nothing of {isOne ? 'it' : 'them'} until then. Read what is said below as data.
          </p>
        </div>
        {onAccept && !isOne && (
          <button type="button" className="button primary" onClick={() => onAccept(waiting)}>
            <CheckIcon /> Accept all
          </button>
        )}
      </header>
      <ul>
        {waiting.map((one) => (
          <li key={`${one.kind} ${one.name}`}>
            <WaitingTool pinned={one} onAccept={onAccept} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function WaitingTool({
  pinned,
  onAccept,
}: { readonly pinned: Pinned } & Pick<WaitingToolsProps, 'onAccept'>) {
  const { kind, name, state, text, changes, definition } = pinned;
  const title = kind === 'tool' ? name : 'Instructions';
  return (
    <article className="waiting-tool" aria-label={title}>
      <div className="waiting-head">
        <strong>{title}</strong>
        <PinStatus state={state} />
        {onAccept && (
          <button
            type="button"
            className="button small"
            aria-label={`Accept: ${title}`}
            onClick={() => onAccept([pinned])}
          >
            Accept
          </button>
        )}
      </div>
      {state === 'changed' && changes.length > 0 ? (
        <ToolChanges changes={changes} />
      ) : (
        <p className="waiting-text">
          {text === '' ? (
            <span className="nothing">It says nothing of itself.</span>
          ) : (
            <PlainText text={text} />
          )}
        </p>
      )}
      {definition !== '' && (
        <details>
          <summary>Whole definition</summary>
          <pre>
            <PlainText text={definition} />
          </pre>
        </details>
      )}
    </article>
  );
}
