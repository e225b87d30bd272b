import { type ClipboardEvent, type DragEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { type Attached, acceptedTypes } from '../attached.ts';
import { useAttaching } from '../use-attaching.ts';
import { FileChips } from './file-chips.tsx';
import { ClipIcon, SendIcon, StopIcon } from './icons.tsx';

export interface ComposerProps {
  readonly isBusy: boolean;
  readonly onSend: (text: string, files: readonly Attached[]) => void;
  readonly onStop: () => void;
}

const MAX_MESSAGE_CHARS = 32_000;
/** What a message says that is nothing but files. */
const WORDLESS = 'Look at this.';

/** Where a person writes. While the bot works, a message steers it. */
export function Composer({ isBusy, onSend, onStop }: ComposerProps) {
  const [text, setText] = useState('');
  const { files, problem, add, remove, clear } = useAttaching();
  const field = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);

  const isTooLong = text.length > MAX_MESSAGE_CHARS;
  const canSend = (text.trim() !== '' || files.length > 0) && !isTooLong;

  function send(): void {
    if (!canSend) return;
    onSend(text.trim() === '' ? WORDLESS : text, files);
    setText('');
    clear();
    field.current?.focus();
  }

  function sendOnEnter(event: KeyboardEvent): void {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  }

  function pasteFiles(event: ClipboardEvent): void {
    if (event.clipboardData.files.length === 0) return;
    event.preventDefault();
    add([...event.clipboardData.files]);
  }

  function dropFiles(event: DragEvent): void {
    event.preventDefault();
    add([...event.dataTransfer.files]);
  }

  return (
    <div className="composer">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: what can be dropped can be picked by the button too */}
      <div
        className={files.length > 0 ? 'composer-box has-files' : 'composer-box'}
        onDragOver={(event) => event.preventDefault()}
        onDrop={dropFiles}
      >
        <FileChips files={files} onRemove={remove} />
        <input
          ref={picker}
          type="file"
          hidden
          multiple
          accept={acceptedTypes}
          onChange={(event) => {
            add([...(event.target.files ?? [])]);
            event.target.value = '';
          }}
        />
        <button
          type="button"
          className="button round quiet"
          aria-label="Attach images or PDFs"
          title="Attach images or PDFs"
          onClick={() => picker.current?.click()}
        >
          <ClipIcon />
        </button>
        <textarea
          ref={field}
          rows={1}
          value={text}
          aria-label="Message"
          aria-describedby="composer-hint"
          placeholder={isBusy ? 'Add something while it works…' : 'Ask about your systems…'}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={sendOnEnter}
          onPaste={pasteFiles}
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
      <p
        id="composer-hint"
        className={isTooLong || problem !== '' ? 'hint error' : 'hint'}
        role={problem === '' ? undefined : 'alert'}
      >
        {isTooLong
          ? `Messages hold at most 32,000 characters; this one has ${text.length.toLocaleString('en')}.`
          : problem ||
            'Enter sends, Shift+Enter begins a new line, Esc stops. Answers come from a model: check what matters.'}
      </p>
    </div>
  );
}
