import { Alert } from './alert.tsx';

export interface RefusedProps {
  readonly sentence: string;
  readonly onRetry: () => void;
}

/** Why something could not be read, and the way to try it again. */
export function Refused({ sentence, onRetry }: RefusedProps) {
  return (
    <Alert>
      {sentence.replace(/\s*Try again\.?$/, '')}{' '}
      <button type="button" className="link" onClick={onRetry}>
        Try again
      </button>
    </Alert>
  );
}
