import { useState } from 'react';
import { Alert } from './alert.tsx';
import { Modal } from './modal.tsx';
import { sentenceOf } from './rest.ts';
import type { Pinned } from './tool-list.ts';
import type { PinVerb } from './use-pinning.ts';

export interface PinDialogProps {
  readonly server: string;
  readonly verb: PinVerb;
  readonly pinned: readonly Pinned[];
  readonly onConfirm: () => Promise<void>;
  readonly onClose: () => void;
}

/** Asks before tools are given to models or taken from them. */
export function PinDialog({ server, verb, pinned, onConfirm, onClose }: PinDialogProps) {
  const [refusal, setRefusal] = useState<string>();
  const [isSending, setSending] = useState(false);
  const isAccept = verb === 'accept';

  async function confirm(): Promise<void> {
    if (isSending) return;
    setSending(true);
    try {
      await onConfirm();
      onClose();
    } catch (error) {
      setRefusal(sentenceOf(error));
      setSending(false);
    }
  }

  return (
    <Modal title={`${isAccept ? 'Accept' : 'Take back'} ${whatOf(pinned)} of ${server}?`} onClose={onClose}>
      <div className="dialog-body">
        <p>
          {isAccept
            ? 'From the next turn on, models are told what stands in their definitions now, and may call them. Should a definition change, it waits again.'
            : 'From the next turn on, models have them no more, until somebody accepts them again.'}
        </p>
        <ul className="pin-names">
          {pinned.map(({ kind, name }) => (
            <li key={`${kind} ${name}`}>{kind === 'tool' ? <code>{name}</code> : 'The instructions'}</li>
          ))}
        </ul>
        {refusal !== undefined && <Alert>{refusal}</Alert>}
      </div>
      <div className="row end">
        <button type="button" className="button" onClick={onClose}>
          {refusal === undefined ? 'Cancel' : 'Close'}
        </button>
        {refusal === undefined && (
          <button
            type="button"
            className={isAccept ? 'button primary' : 'button danger'}
            aria-disabled={isSending}
            onClick={() => void confirm()}
          >
            {isAccept ? 'Accept' : 'Take back'}
          </button>
        )}
      </div>
    </Modal>
  );
}

function whatOf(pinned: readonly Pinned[]): string {
  const tools = pinned.filter(({ kind }) => kind === 'tool').length;
  const counted = tools === 1 ? '1 tool' : `${tools} tools`;
  if (tools === pinned.length) return counted;
  return tools === 0 ? 'the instructions' : `${counted} and the instructions`;
}
