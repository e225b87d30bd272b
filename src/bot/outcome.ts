import type { Ending, Question } from '../agent/loop.ts';
import type { LastWords } from '../agent/middleware.ts';
import { ProviderError, type ProviderErrorKind } from '../agent/provider.ts';
import type { ModelStep } from '../agent/steps.ts';
import type { Reply } from '../chat/reply.ts';

/** How an activation ends for people. `waiting` is no end; its reply asks. */
export interface Outcome {
  readonly state: 'done' | 'failed' | 'stopped' | 'waiting';
  readonly kind: Reply['kind'];
  readonly text: string;
  /** For programs, on failures. */
  readonly code?: string;
  /** The answer's own model step, not yet stored. */
  readonly step?: ModelStep;
  readonly questions?: readonly Question[];
}

/** What people read when the loop has ended by itself. */
export function outcomeOf(ending: Ending): Outcome {
  switch (ending.type) {
    case 'answer':
      return answered(ending.step);
    case 'paused':
      return { state: 'waiting', kind: 'approval', text: '', questions: ending.questions };
    case 'step_limit':
      return failed(
        'step_limit',
        `I stopped after ${ending.maxSteps} model calls without reaching an answer. Ask for a smaller part, or raise agent_recursion_limit.`,
      );
    case 'loop':
      return failed(
        'loop',
        `I stopped because the model kept calling ${ending.tool} with the same arguments and got no further. Rephrase the question, or try another model.`,
      );
    default:
      return ending satisfies never;
  }
}

function answered(step: ModelStep): Outcome {
  const text = step.message.text.trim();
  const done = (answer: string): Outcome => ({ state: 'done', kind: 'answer', text: answer, step });
  switch (step.stop) {
    case 'refusal':
      return done(text === '' ? 'The model declined to answer this.' : text);
    case 'length':
      if (text === '')
        return failed(
          'length',
          'The model used up its output limit before it said anything. Raise max_tokens of the model, or ask for less.',
          step,
        );
      return done(`${text}\n\n_The answer is cut here: the model reached its output limit._`);
    case 'content_filtered':
      return failed('content_filtered', sentences.content_filtered, step);
    case 'context_overflow':
      return failed('context_overflow', sentences.context_overflow, step);
    case 'end':
    case 'tool_calls':
      if (text === '')
        return failed(
          'empty_answer',
          'The model gave an empty answer. Try again, or rephrase the question.',
          step,
        );
      return done(step.message.text);
    default:
      return step.stop satisfies never;
  }
}

function failed(code: string, text: string, step?: ModelStep): Outcome {
  const outcome = { state: 'failed', kind: 'error', code, text } as const;
  return step === undefined ? outcome : { ...outcome, step };
}

/** What people read when something broke; `detail` is shown in LAB only. */
export function failureOf(error: unknown, showDetail: boolean): Outcome {
  if (error instanceof ProviderError) {
    return failed(error.kind, withDetail(sentences[error.kind], error.message, showDetail));
  }
  const detail = error instanceof Error ? error.message : String(error);
  return failed(
    'internal',
    withDetail('Something went wrong inside the bot while it worked on this.', detail, showDetail),
  );
}

/** A middleware ended the turn. */
export function endedBy({ status, text, code }: LastWords): Outcome {
  return status === 'failed' ? failed(code, text) : { state: 'done', kind: 'answer', text };
}

/** The turn worked longer than it may. */
export function timedOut(seconds: number, mayHaveRun: readonly string[]): Outcome {
  return failed(
    'timeout',
    `I stopped because this took longer than the ${seconds} seconds that one turn may work.${doubt(mayHaveRun)} Ask for a smaller part, or raise agent_request_timeout_seconds.`,
  );
}

/** A person stopped the turn. */
export function stoppedBy(name: string, mayHaveRun: readonly string[]): Outcome {
  return { state: 'stopped', kind: 'stopped', text: `Stopped by ${name}.${doubt(mayHaveRun)}` };
}

/** The event was tried so often that it is given up. */
export function givenUp(attempts: number, mayHaveRun: readonly string[]): Outcome {
  return failed(
    'internal',
    `I could not handle this message: ${attempts} attempts failed.${doubt(mayHaveRun)} The log of the bot tells why.`,
  );
}

/** What people must know of writes that nobody saw the end of. */
function doubt(mayHaveRun: readonly string[]): string {
  return mayHaveRun.length === 0 ? '' : ` ${mayHaveRun.join(', ')} had begun and may have taken effect.`;
}

/** What people are told of a failed model call. */
export function sentenceOf(kind: ProviderErrorKind): string {
  return sentences[kind];
}

function withDetail(sentence: string, detail: string, showDetail: boolean): string {
  return showDetail ? `${sentence}\n\n> ${detail.replaceAll('\n', '\n> ')}` : sentence;
}

const sentences: Readonly<Record<ProviderErrorKind, string>> = {
  misconfigured: 'This model is not set up right. An admin must look at its provider, key and settings.',
  auth: 'The model provider refused the API key. An admin must check the key of this model.',
  permission: 'The model provider does not allow this key to use this model. An admin must check its rights.',
  not_found: 'The model provider does not know this model. An admin must check its name and address.',
  rate_limited: 'The model provider is limiting requests right now. Try again in a minute.',
  quota_exhausted:
    'The quota at the model provider is used up. An admin must raise it or choose another model.',
  overloaded: 'The model provider is overloaded. Try again in a minute.',
  context_overflow:
    'This conversation is too long for the model. Start a new thread, or ask for less at once.',
  bad_request: 'The model provider refused the request as malformed. An admin should look at the log.',
  content_filtered: 'The model provider’s content filter stopped this answer.',
  network:
    'The model provider cannot be reached. Try again; if it stays so, an admin must check the network.',
  timeout: 'The model provider did not answer in time. Try again in a minute.',
  aborted: 'The call to the model was cut off. Try again.',
  protocol: 'The model provider’s answer broke off or made no sense. Try again.',
};
