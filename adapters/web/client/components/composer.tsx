import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { SendIcon, StopIcon } from './icons.tsx';

export interface ComposerProps {
  readonly isBusy: boolean;
  readonly onSend: (text: string) => void;
  readonly onStop: () => void;
}

const MAX_MESSAGE_CHARS = 32_000;

/** Where a person writes. While the bot works, a message steers it. */
export function Composer({ isBusy, onSend, onStop }: ComposerProps) {
  const [text, setText] = useState('');
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);

  const isTooLong = text.length > MAX_MESSAGE_CHARS;
  const canSend = text.trim() !== '' && !isTooLong;

  function send(): void {
    if (!canSend) return;
    onSend(text);
    setText('');
    field.current?.focus();
  }

  function sendOnEnter(event: KeyboardEvent): void {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  }

  return (
    <div className="composer">
      <div className="composer-box">
        <textarea
          ref={field}
          rows={1}
          value={text}
          aria-label="Message"
          aria-describedby="composer-hint"
          placeholder={isBusy ? 'Add something while it works…' : 'Ask about your systems…'}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={sendOnEnter}
        />
        {isBusy && (
          <button
            type="button"
            className="button round"
            aria-label="Stop"
            title="Stop (Esc)"
            onClick={onStop}
          >
            <StopIcon />
          </button>
        )}
        <button
          type="button"
          className="button round primary"
          aria-label="Send"
          title="Send (Enter)"
          disabled={!canSend}
          onClick={send}
        >
          <SendIcon />
        </button>
      </div>
      <p id="composer-hint" className={isTooLong ? 'hint error' : 'hint'}>
        {isTooLong
          ? `Messages hold at most 32,000 characters; this one has ${text.length.toLocaleString('en')}.`
          : 'Enter sends, Shift+Enter begins a new line, Esc stops. Answers come from a model: check what matters.'}
      </p>
    </div>
  );
}
