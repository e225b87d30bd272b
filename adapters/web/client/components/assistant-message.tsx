import { memo } from 'react';
import type { ApprovalJson, Message } from '../api.ts';
import type { ThreadActions } from '../use-thread.ts';
import type { WhoDecides } from './approval-card.tsx';
import { Concern } from './concern.tsx';
import { CopyButton } from './copy-button.tsx';
import { Details } from './details.tsx';
import { StopIcon, WarningIcon } from './icons.tsx';
import { Markdown } from './markdown.tsx';
import { Question } from './question.tsx';
import { Sources } from './sources.tsx';
import { TraceLink } from './trace-link.tsx';

export interface AssistantMessageProps {
  readonly message: Extract<Message, { role: 'assistant' }>;
  readonly whoDecides: (card: ApprovalJson) => WhoDecides;
  readonly onDecide: ThreadActions['decide'];
}

/** What the bot said: an answer, a question, or how a turn ended otherwise. */
export const AssistantMessage = memo(function AssistantMessage(props: AssistantMessageProps) {
  const { message, whoDecides, onDecide } = props;
  switch (message.kind) {
    case 'answer':
      return (
        <article className="assistant" aria-label="AI Ops Bot">
          {message.mentions !== undefined && <p className="told">For {message.mentions.join(', ')}</p>}
          <Markdown text={message.text} />
          {message.concern !== undefined && <Concern concern={message.concern} />}
          {message.details !== undefined && message.details.length > 0 && (
            <Details details={message.details} />
          )}
          {message.sources !== undefined && <Sources sources={message.sources} />}
          {message.footer !== undefined && (
            <footer className="small-print">
              <CopyButton text={message.text} label="Copy the answer" />
              <span>{message.footer}</span>
              <TraceLink turnId={message.turn_id} />
            </footer>
          )}
        </article>
      );
    case 'approval':
      return (
        <article className="assistant" aria-label="AI Ops Bot asks">
          {message.approvals?.map((card) => (
            <Question key={card.id} card={card} whoDecides={whoDecides(card)} onDecide={onDecide} />
          )) ?? <Markdown text={message.text} />}
        </article>
      );
    case 'stopped':
      return (
        <article className="outcome" aria-label="Stopped">
          <StopIcon />
          <Markdown text={message.text} />
        </article>
      );
    case 'error':
      return (
        <article className="outcome error" aria-label="Error">
          <WarningIcon />
          <div>
            <Markdown text={message.text} />
            <p className="small-print">
              Reference <code>{message.turn_id}</code>
              {message.code !== undefined && ` · ${message.code}`}
              <CopyButton text={message.turn_id} label="Copy the reference" />
              <TraceLink turnId={message.turn_id} />
            </p>
          </div>
        </article>
      );
    default:
      return message.kind satisfies never;
  }
});
