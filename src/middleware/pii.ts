import { z } from 'zod';
import type { Message, ToolMessage } from '../agent/messages.ts';
import { type ModelNext, type ToolAnswer, TurnEndError } from '../agent/middleware.ts';
import { once } from '../agent/once.ts';
import type { ModelRequest } from '../agent/provider.ts';
import type { ToolOutcome } from '../agent/tool.ts';
import { cleanFiles, hasFiles } from './clean-files.ts';
import { defineMiddleware, type Layer, type MiddlewareParts } from './definition.ts';
import { options } from './options.ts';
import { ownFrom } from './own-turn.ts';
import { pattern } from './patterns.ts';
import { detectors, type Kind, ownDetector } from './pii-detectors.ts';
import { noteChanged, screened, wasChanged } from './pii-output.ts';
import { blockedIn, clean, isBlocking, searchFor, type Watch, wordsFor } from './pii-words.ts';
import { seeingThrough } from './plain-words.ts';

const ruleShape = {
  pii_type: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, { error: 'Use up to 64 letters, digits and _ -' })
    .default('email')
    .describe('email, credit_card, ip, mac_address, url, or a word of yours with a detector.'),
  strategy: z
    .enum(['block', 'redact', 'mask', 'hash'])
    .default('redact')
    .describe(
      'block ends the turn; redact: [REDACTED_EMAIL]; mask: all but the last 4; hash: <email_hash:…>.',
    ),
  detector: pattern
    .optional()
    .describe('A regular expression, in any case, that takes the place of the bot’s own.'),
  apply_to_input: z
    .boolean()
    .default(true)
    .describe('What people write, and the text of their PDFs, before a model reads it.'),
  apply_to_output: z
    .boolean()
    .default(false)
    .describe('What a model says, before people read it, and what it calls tools with, before they get it.'),
  apply_to_tool_results: z
    .boolean()
    .default(false)
    .describe('What tools give, before a model or people read it.'),
};

const missingDetector =
  'The bot finds email, credit_card, ip, mac_address and url; for anything else write a detector.';
const rule = options(ruleShape).refine(isKnown, { error: missingDetector, path: ['detector'] });

const config = options({
  ...ruleShape,
  rules: z.array(rule).default([]).describe('More kinds, each with the same options.'),
}).refine(isKnown, { error: missingDetector, path: ['detector'] });

type Rule = Pick<z.infer<typeof config>, keyof typeof ruleShape>;

const name = 'PIIMiddleware';

/**
 * Keeps personal data from models and people. Answers are shown as they come, but for what may be the
 * beginning of something. A PDF is read like what its sender wrote; pictures are not looked into.
 */
export const pii = defineMiddleware({
  name,
  description: 'Keeps mail addresses, card numbers and other personal data from models, or from answers.',
  priority: 50,
  config,
  build: (given, parts) => layerOf(watchesFor(given), parts),
});

function isKnown({
  pii_type,
  detector,
}: {
  readonly pii_type: string;
  readonly detector?: string | undefined;
}) {
  return detector !== undefined || isKind(pii_type);
}

function isKind(type: string): type is Kind {
  return Object.hasOwn(detectors, type);
}

function watchesOf(rules: readonly Rule[]): readonly Watch[] {
  return rules.map(({ pii_type: type, strategy, detector }) => {
    if (detector !== undefined) return { type, strategy, detector: ownDetector(detector) };
    if (isKind(type)) return { type, strategy, detector: seeingThrough(detectors[type]) };
    throw new Error(missingDetector);
  });
}

/** By what they watch; own detectors are compiled once for a config. */
type Watches = Readonly<Record<'input' | 'output' | 'results', readonly Watch[]>>;

const watchesFor = once(({ rules, ...first }: z.infer<typeof config>): Watches => {
  const all = [first, ...rules];
  return {
    input: watchesOf(all.filter(({ apply_to_input: applies }) => applies)),
    output: watchesOf(all.filter(({ apply_to_output: applies }) => applies)),
    results: watchesOf(all.filter(({ apply_to_tool_results: applies }) => applies)),
  };
});

function layerOf({ input, output, results }: Watches, parts: MiddlewareParts): Layer {
  const model = modelPart({ input, output, results }, parts);
  return {
    ...(input.some(isBlocking) && { turn: checkedTurn(input, parts) }),
    ...(input.length + output.length + results.length > 0 && { model }),
    ...((results.length + output.length > 0 || input.some(isBlocking)) && {
      tool: checkedTool({ input, results }, parts),
    }),
  };
}

function checkedTurn(
  watches: readonly Watch[],
  { turn: facts, metrics }: MiddlewareParts,
): NonNullable<Layer['turn']> {
  return async (input, next) => {
    const blocked = blockedIn(facts.question, watches);
    if (blocked === undefined) return await next(input);
    metrics.middlewareActed(name, 'blocked_input');
    return { status: 'failed', said: refusedInput(blocked) };
  };
}

function refusedInput(type: string) {
  const text = `Your message holds ${wordsFor(type)}, which must not be sent to a model here. Write it again without.`;
  return { status: 'failed', code: 'input_rejected', text } as const;
}

/** What was said while the turn runs ends it too; what stands in earlier messages is only taken out. */
function modelPart({ input, output, results }: Watches, parts: MiddlewareParts): NonNullable<Layer['model']> {
  const { steps, metrics } = parts;
  const blocking = input.filter(isBlocking);
  const acted = (what: string) => metrics.middlewareActed(name, what);
  const files = cleanFiles(parts, (text) => clean(text, input));

  function refuse(texts: readonly string[]): void {
    const blocked = texts.map((text) => blockedIn(text, blocking)).find((type) => type !== undefined);
    if (blocked === undefined) return;
    acted('blocked_input');
    throw new TurnEndError(refusedInput(blocked));
  }

  async function* withFiles(request: ModelRequest, next: ModelNext, signal: AbortSignal) {
    const own = request.messages.slice(ownFrom(request, steps()));
    if (blocking.length > 0) refuse(await files.words(own, signal));
    yield* cleaned({ ...request, messages: await files.clean(request.messages, signal) }, next, signal);
  }

  function cleaned(request: ModelRequest, next: ModelNext, signal: AbortSignal) {
    const messages = request.messages.map((message) => cleanMessage(message, { input, results }));
    const asked = { ...request, messages };
    if (output.length === 0) return next(asked, signal);
    return screened(output, () => next(asked, signal), { acted, changed: noteChanged(parts) });
  }

  return (request, next, signal) => {
    refuse(steps().flatMap((step) => (step.type === 'said' ? [step.message.text] : [])));
    const isToRead = input.length > 0 && hasFiles(request.messages);
    return isToRead ? withFiles(request, next, signal) : cleaned(request, next, signal);
  };
}

function cleanMessage(message: Message, { input, results }: Pick<Watches, 'input' | 'results'>): Message {
  if (message.role === 'assistant') return message;
  if (message.role === 'user') return { ...message, text: clean(message.text, input) };
  return { ...message, ...cleanResult(message, { input, results }) };
}

/** What people who were asked wrote is theirs, in place of a result or before it. */
function cleanResult(
  { text, isPersons, personsLength }: ToolMessage,
  { input, results }: Pick<Watches, 'input' | 'results'>,
): Pick<ToolMessage, 'text' | 'personsLength'> {
  if (isPersons) return { text: clean(text, input) };
  if (personsLength === undefined) return { text: clean(text, results) };
  const told = clean(text.slice(0, personsLength), input);
  return { text: `${told}${clean(text.slice(personsLength), results)}`, personsLength: told.length };
}

/** A result that must not be read is stored nowhere: the model is told so, and the turn goes on. */
function checkedTool(
  { input: persons, results: watches }: Pick<Watches, 'input' | 'results'>,
  parts: MiddlewareParts,
): NonNullable<Layer['tool']> {
  return async (input, next, signal) => {
    if (input.tool.effect !== 'read' && wasChanged(input.call, parts))
      return { type: 'result', ran: false, outcome: notWritten(input.tool.name) };
    if (watches.length === 0) return withoutBlocked(await next(input, signal), persons, input.tool.name);
    const before = input.shownAs ?? ((text: string) => text);
    const shownAs = (text: string) => before(clean(text, watches));
    const answer = await next({ ...input, shownAs }, signal);
    if (answer.type === 'ask') return answer;
    if (answer.isPersons) return withoutBlocked(answer, persons, input.tool.name);
    const outcome = cleanOutcome(answer.outcome, watches, input.tool.name);
    if (outcome.text !== answer.outcome.text) parts.metrics.middlewareActed(name, 'changed_result');
    return { ...answer, outcome };
  };
}

/** What a person wrote in place of a result is stored as they wrote it, unless it must not be read at all. */
function withoutBlocked(answer: ToolAnswer, watches: readonly Watch[], tool: string): ToolAnswer {
  if (answer.type === 'ask' || !answer.isPersons) return answer;
  const blocked = blockedIn(answer.outcome.text, watches);
  if (blocked === undefined) return answer;
  const text = `Not run: a person answered in place of ${tool}, but their words hold ${wordsFor(blocked)}, which you must not read. Tell the person.`;
  return { ...answer, outcome: { text, isError: true } };
}

function notWritten(tool: string): ToolOutcome {
  const text = `Not run: ${tool} changes something, and personal data was taken out of its arguments, so that they are not what was meant. Tell the person.`;
  return { text, isError: true };
}

function cleanOutcome(outcome: ToolOutcome, watches: readonly Watch[], tool: string): ToolOutcome {
  const blocked = blockedIn(outcome.text, watches);
  if (blocked !== undefined) {
    const text = `${tool} ran, but its result holds ${wordsFor(blocked)}, which you must not read. Tell the person, and do not call it again for the same.`;
    return { text, isError: true };
  }
  const { structured: _asItWas, links = [], ...rest } = outcome;
  const isClean = ({ uri, name: title = '' }: (typeof links)[number]) =>
    searchFor(watches).find(`${uri} ${title}`).length === 0;
  return {
    ...rest,
    text: clean(outcome.text, watches),
    ...(links.length === 0 ? {} : { links: links.filter(isClean) }),
  };
}
