import type { Attached } from '../attached.ts';
import type { Outgoing } from '../thread-state.ts';
import { type FileChip, FileChips } from './file-chips.tsx';

export interface UserMessageProps {
  readonly text: string;
  readonly files: readonly FileChip[];
  /** Who wrote it, where that is not the reader. */
  readonly by?: string | undefined;
}

/** What a person wrote, as they wrote it. */
export function UserMessage({ text, files, by }: UserMessageProps) {
  return (
    <article className={by === undefined ? 'user' : 'user of-another'} aria-label={by ?? 'You'}>
      {by !== undefined && <span className="by">{by}</span>}
      {text}
      <FileChips files={files} />
    </article>
  );
}

export interface OutgoingMessageProps {
  readonly message: Outgoing;
  readonly onResend: (text: string, files: readonly Attached[], key: string) => void;
}

/** A message that the bot has not stored yet, or could not. */
export function OutgoingMessage({ message, onResend }: OutgoingMessageProps) {
  const { text, files, key, error } = message;
  return (
    <>
      <article className="user outgoing" aria-label="You, sending">
        {text}
        <FileChips files={files} />
      </article>
      {error !== undefined && (
        <p className="send-error" role="alert">
          Not sent: {error}{' '}
          <button type="button" className="link" onClick={() => onResend(text, files, key)}>
            Send again
          </button>
        </p>
      )}
    </>
  );
}
