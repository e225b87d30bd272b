import { z } from 'zod';
import type { Message } from '../agent/messages.ts';
import { TurnEndError } from '../agent/middleware.ts';
import { defineMiddleware, type Layer, type MiddlewareParts } from './definition.ts';
import { heldBack, released } from './held-back.ts';
import { count, options } from './options.ts';
import { compiled, pattern } from './patterns.ts';
import { withoutTags } from './without-tags.ts';

const config = options({
  max_input_length: count.nullable().default(10_000).describe('Characters of a question; null: no limit.'),
  max_output_length: count.nullable().default(20_000).describe('Characters of an answer; null: no limit.'),
  allowed_patterns: z
    .array(pattern)
    .default([])
    .describe('Regular expressions, in any case: a question must match one of them. Empty: any question.'),
  blocked_patterns: z
    .array(pattern)
    .default([])
    .describe('Regular expressions, in any case, that neither question nor answer may match.'),
  sanitize_html: z.boolean().default(false).describe('Takes HTML tags out of questions and answers.'),
  reject_on_validation_failure: z
    .boolean()
    .default(true)
    .describe('No: a question goes on with a note, and an answer is cut or cleaned.'),
  apply_to_input: z.boolean().default(true).describe('Questions are checked.'),
  apply_to_output: z
    .boolean()
    .default(true)
    .describe('Answers are checked: each is held back until it is whole.'),
});

type Config = z.infer<typeof config>;

const name = 'ValidationMiddleware';

/** Holds questions and answers to limits and patterns. Answers that are checked are not shown piece by piece. */
export const validation = defineMiddleware({
  name,
  description: 'Limits what may be asked and answered, by length and pattern.',
  priority: 30,
  config,
  build: (given, parts) => {
    const { turn } = given.apply_to_input ? checkingInput(given, parts) : {};
    const model = modelPart(given, parts);
    return { ...(turn && { turn }), ...(model && { model }) };
  },
});

function checkingInput(
  config: Config,
  { notice, metrics, turn: facts }: MiddlewareParts,
): Pick<Layer, 'turn'> {
  const { max_input_length, allowed_patterns, blocked_patterns } = config;
  if (max_input_length === null && allowed_patterns.length + blocked_patterns.length === 0) return {};
  const inspect = inputInspector(config);
  return {
    async turn(input, next) {
      const problem = inspect(facts.question);
      if (problem === undefined) return await next(input);
      metrics.middlewareActed(name, 'rejected_input');
      if (config.reject_on_validation_failure)
        return { status: 'failed', said: { status: 'failed', code: 'input_rejected', text: problem } };
      notice(problem);
      return await next(input);
    },
  };
}

/** What is wrong with a person's words. */
function inputInspector(config: Config): (text: string) => string | undefined {
  const { max_input_length: most } = config;
  const [allowed, blocked] = [compiled(config.allowed_patterns), compiled(config.blocked_patterns)];
  return (text) => {
    if (most !== null && text.length > most)
      return `Your message has ${inEnglish.format(text.length)} characters; ${inEnglish.format(most)} are allowed here. Send less of it, or a file.`;
    if (blocked.some((item) => item.test(text)))
      return 'Your message contains something that is not allowed here.';
    if (allowed.length > 0 && !allowed.some((item) => item.test(text)))
      return 'Your message is not about anything that may be asked here.';
    return undefined;
  };
}

const inEnglish = new Intl.NumberFormat('en');

/** What people say while the turn runs is checked too, before a model reads it. */
function modelPart(config: Config, parts: MiddlewareParts): Layer['model'] | undefined {
  const holds = config.apply_to_output && isAboutOutput(config);
  const inspect = config.apply_to_input ? inputInspector(config) : () => undefined;
  const cleans = config.apply_to_input && config.sanitize_html;
  const said = () => parts.steps().flatMap((step) => (step.type === 'said' ? [step.message.text] : []));
  const checkSaid = () => {
    const problem = said()
      .map(inspect)
      .find((found) => found !== undefined);
    if (problem === undefined) return;
    if (config.reject_on_validation_failure)
      throw new TurnEndError({ status: 'failed', code: 'input_rejected', text: problem });
    parts.notice(problem);
  };
  if (!holds && !cleans && !config.apply_to_input) return undefined;
  return (request, next, signal) => {
    checkSaid();
    const asked = cleans ? { ...request, messages: request.messages.map(messageWithoutTags) } : request;
    return holds ? checkedAnswer(config, parts, () => heldBack(next, asked, signal)) : next(asked, signal);
  };
}

function isAboutOutput({ max_output_length, blocked_patterns, sanitize_html }: Config): boolean {
  return max_output_length !== null || blocked_patterns.length > 0 || sanitize_html;
}

async function* checkedAnswer(
  config: Config,
  { status, notice, metrics }: MiddlewareParts,
  hear: () => ReturnType<typeof heldBack>,
) {
  status('is writing the answer, and checks it before it is shown…');
  const answer = yield* hear();
  const { text, problem } = corrected(answer.text, config);
  if (problem !== undefined) {
    metrics.middlewareActed(name, 'rejected_output');
    if (config.reject_on_validation_failure)
      throw new TurnEndError({
        status: 'failed',
        code: 'output_rejected',
        text: `The model answered, but ${problem}, so I do not show it. Ask for something smaller, or differently.`,
      });
    notice(`The answer was changed: ${problem}.`);
  }
  yield* released(answer, text === answer.text ? undefined : text);
}

const removed = '[removed]';

/** The answer as it may be shown, and what was wrong with it; tags are taken out without a word. */
function corrected(said: string, config: Config): { readonly text: string; readonly problem?: string } {
  const plain = config.sanitize_html ? withoutTags(said) : said;
  const blocked = compiled(config.blocked_patterns).filter((item) => item.test(plain));
  const clean = blocked.reduce((text, item) => item.replace(text, removed), plain);
  const most = config.max_output_length;
  const isTooLong = most !== null && clean.length > most;
  const text = isTooLong ? `${clean.slice(0, most).toWellFormed()}…` : clean;
  const problems = [
    ...(blocked.length > 0 ? ['it contained something that is not allowed here'] : []),
    ...(isTooLong
      ? [`it was longer than the ${inEnglish.format(most)} characters that are allowed here`]
      : []),
  ];
  return problems.length === 0 ? { text } : { text, problem: problems.join(', and ') };
}

function messageWithoutTags(message: Message): Message {
  return message.role === 'user' ? { ...message, text: withoutTags(message.text) } : message;
}
