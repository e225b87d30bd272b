import { Markdown } from '../components/markdown.tsx';
import { AnswerForm } from './answer-form.tsx';
import { AnswerList } from './answer-list.tsx';
import type { AdminAnswer } from './api.ts';
import { LineButtons } from './line-buttons.tsx';

export interface AnswerViewProps {
  readonly answer: AdminAnswer;
  readonly onRun: (line: string) => void;
  /** A form was sent: this stands in its place. */
  readonly onAnswer: (answer: AdminAnswer) => void;
}

/** One answer of administration. */
export function AnswerView({ answer, onRun, onAnswer }: AnswerViewProps) {
  switch (answer.type) {
    case 'text':
    case 'confirm':
      return (
        <>
          <Markdown text={answer.text} />
          <LineButtons buttons={answer.buttons} onRun={onRun} />
        </>
      );
    case 'list':
      return <AnswerList list={answer} onRun={onRun} />;
    case 'form':
      return <AnswerForm answer={answer} onAnswer={onAnswer} />;
    default:
      return answer satisfies never;
  }
}
