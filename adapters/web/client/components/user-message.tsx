import type { Outgoing } from '../thread-state.ts';

/** What a person wrote, as they wrote it. */
export function UserMessage({ text }: { readonly text: string }) {
  return (
    <article className="user" aria-label="You">
      {text}
    </article>
  );
}

export interface OutgoingMessageProps {
  readonly message: Outgoing;
  readonly onResend: (text: string, key: string) => void;
}

/** A message that the bot has not stored yet, or could not. */
export function OutgoingMessage({ message, onResend }: OutgoingMessageProps) {
  const { text, key, error } = message;
  return (
    <>
      <article className="user outgoing" aria-label="You, sending">
        {text}
      </article>
      {error !== undefined && (
        <p className="send-error" role="alert">
          Not sent: {error}{' '}
          <button type="button" className="link" onClick={() => onResend(text, key)}>
            Send again
          </button>
        </p>
      )}
    </>
  );
}
