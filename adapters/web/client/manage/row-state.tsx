import { CheckIcon } from '../components/icons.tsx';
import type { Row } from './rest.ts';
import { nameOf } from './shown.tsx';
import { Status } from './status.tsx';

export interface RowStateProps {
  readonly row: Row;
  /** What became of what was done before, such as its creation. */
  readonly said: string | undefined;
  /** It was saved just now. */
  readonly isFresh: boolean;
}

/** What came of creating or saving a row, and what a check of it found. */
export function RowState({ row, said, isFresh }: RowStateProps) {
  const finding = said !== undefined || isFresh ? findingOf(row) : undefined;
  return (
    <div className="row-state" role="status">
      {said !== undefined && (
        <p className="result-head good">
          <CheckIcon />
          <span>{said}</span>
        </p>
      )}
      {finding && (
        <p className="row-finding">
          Status: <Status name={finding.status} />
          {finding.error !== '' && <span>{finding.error}</span>}
        </p>
      )}
    </div>
  );
}

/** Only what is checked keeps its last error. */
function findingOf({ status, last_error: error }: Row) {
  if (typeof error !== 'string' || typeof status !== 'object' || status === null) return undefined;
  return { status: nameOf(status) ?? '', error };
}
