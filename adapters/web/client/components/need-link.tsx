import { useState } from 'react';
import type { ApprovalJson } from '../api.ts';
import type { AskerQuestion } from '../use-question.ts';
import type { ThreadActions } from '../use-thread.ts';
import { DeclineButton } from './decline-button.tsx';

export interface NeedLinkProps {
  readonly card: ApprovalJson;
  readonly question: Exclude<AskerQuestion, { type: 'form' }>;
  readonly isSending: boolean;
  readonly onDecide: ThreadActions['decide'];
}

/** A page that the person opens by a click of theirs: to sign in, or because a server asks for it. */
export function NeedLink({ card, question, isSending, onDecide }: NeedLinkProps) {
  const [isOpened, setOpened] = useState(false);
  const isSignIn = question.type === 'sign_in';
  return (
    <>
      {question.type === 'link' && (
        <p className="need-host">
          It leads to <strong>{question.host}</strong>
          <span className="small-print">{question.url}</span>
        </p>
      )}
      {isSignIn && question.url === undefined && (
        <p className="small-print">Nobody can sign in there now. Ask an administrator, or try again later.</p>
      )}
      {isSignIn && question.url !== undefined && (
        <p className="small-print">The conversation goes on by itself when you have signed in.</p>
      )}
      <div className="row">
        {question.url !== undefined && (
          <a
            className={isOpened ? 'button' : 'button primary'}
            href={question.url}
            target="_blank"
            rel="noopener noreferrer"
            onClick={() => setOpened(true)}
          >
            {isSignIn ? `Sign in to ${question.server}` : 'Open the page'}
          </a>
        )}
        {question.type === 'link' && (
          <button
            type="button"
            className={isOpened ? 'button primary' : 'button'}
            disabled={isSending || !isOpened}
            onClick={() => void onDecide(card, { decision: 'answer' })}
          >
            I am done there
          </button>
        )}
        <DeclineButton card={card} isSending={isSending} onDecide={onDecide} />
      </div>
    </>
  );
}
