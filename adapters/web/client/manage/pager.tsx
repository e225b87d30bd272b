import { useRef } from 'react';

export interface PagerProps {
  readonly offset: number;
  readonly size: number;
  readonly count: number;
  readonly onOffset: (offset: number) => void;
}

/** Where in a long list one is, and the way on. */
export function Pager({ offset, size, count, onOffset }: PagerProps) {
  const last = Math.min(offset + size, count);
  const frame = useRef<HTMLElement>(null);

  /** A button at the end of the list stays where it is, lest the focus be lost. */
  function turn(to: number, isPossible: boolean): void {
    if (!isPossible) return;
    onOffset(to);
    frame.current?.closest('.page-frame')?.scrollTo({ top: 0 });
  }

  return (
    <nav ref={frame} className="pager" aria-label="Pages">
      <span className="pager-count" role="status">
        {count === 0 ? 'None' : `${offset + 1}–${last} of ${count}`}
      </span>
      {count > size && (
        <>
          <button
            type="button"
            className="button small"
            aria-disabled={offset === 0}
            onClick={() => turn(Math.max(0, offset - size), offset > 0)}
          >
            Previous
          </button>
          <button
            type="button"
            className="button small"
            aria-disabled={last >= count}
            onClick={() => turn(offset + size, last < count)}
          >
            Next
          </button>
        </>
      )}
    </nav>
  );
}
