import { Link } from '../components/link.tsx';
import { newPath } from '../route.ts';
import { inSentence } from './in-sentence.ts';
import type { ResourceForm } from './rest.ts';

export interface NothingHereProps {
  readonly resource: ResourceForm;
  /** There may be others that the filters leave out. */
  readonly isNarrowed: boolean;
  readonly onWiden: () => void;
}

/** An empty list, and what to do about it. */
export function NothingHere({ resource, isNarrowed, onWiden }: NothingHereProps) {
  const { one, many, may, path } = resource;
  if (isNarrowed) {
    return (
      <div className="nothing-here" role="status">
        <p>Nothing matches.</p>
        <button type="button" className="button" onClick={onWiden}>
          Show all {inSentence(many)}
        </button>
      </div>
    );
  }
  return (
    <div className="nothing-here">
      <p>There are no {inSentence(many)} yet.</p>
      {may.add && (
        <Link to={newPath(path)} className="button primary">
          Create the first {one}
        </Link>
      )}
    </div>
  );
}
