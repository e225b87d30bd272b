import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Message } from '../agent/messages.ts';
import { type ModelNext, TurnEndError } from '../agent/middleware.ts';
import type { ModelEvent } from '../agent/provider.ts';
import type { ToolOutcome } from '../agent/tool.ts';
import { defineMiddleware, type Layer, type MiddlewareParts } from './definition.ts';
import { options } from './options.ts';
import { once, pattern, replaced, type Span } from './patterns.ts';
import { type Detector, detectors, type Kind, ownDetector } from './pii-detectors.ts';
import { createScreen, type Found, type Search } from './screen.ts';

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
  apply_to_input: z.boolean().default(true).describe('What people write, before a model reads it.'),
  apply_to_output: z.boolean().default(false).describe('What a model says, before people read it.'),
  apply_to_tool_results: z.boolean().default(false).describe('What tools give, before a model reads it.'),
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
 * beginning of something. Pictures and files are not looked into, and what tools are called with stays.
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

interface Watch {
  readonly type: string;
  readonly strategy: Rule['strategy'];
  readonly detector: Detector;
}

function watchesOf(rules: readonly Rule[]): readonly Watch[] {
  return rules.map(({ pii_type: type, strategy, detector }) => {
    if (detector !== undefined) return { type, strategy, detector: ownDetector(detector) };
    if (isKind(type)) return { type, strategy, detector: detectors[type] };
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
    ...(results.length > 0 && { tool: checkedTool(results, parts) }),
  };
}

function isBlocking({ strategy }: Watch): boolean {
  return strategy === 'block';
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
function modelPart(
  { input, output, results }: Watches,
  { steps, metrics }: MiddlewareParts,
): NonNullable<Layer['model']> {
  const blocking = input.filter(isBlocking);
  const acted = (what: string) => metrics.middlewareActed(name, what);
  return (request, next, signal) => {
    const said = steps().flatMap((step) => (step.type === 'said' ? [step.message.text] : []));
    const blocked = said.map((text) => blockedIn(text, blocking)).find((type) => type !== undefined);
    if (blocked !== undefined) {
      acted('blocked_input');
      throw new TurnEndError(refusedInput(blocked));
    }
    const messages = request.messages.map((message) => cleanMessage(message, { input, results }));
    const asked = { ...request, messages };
    return output.length === 0 ? next(asked, signal) : screened(output, () => next(asked, signal), acted);
  };
}

function cleanMessage(message: Message, { input, results }: Pick<Watches, 'input' | 'results'>): Message {
  if (message.role === 'assistant') return message;
  return { ...message, text: clean(message.text, message.role === 'user' ? input : results) };
}

/** An answer as it comes. What a vendor wants back is its own record of the words: it goes where they change. */
async function* screened(
  watches: readonly Watch[],
  hear: () => ReturnType<ModelNext>,
  acted: (what: string) => void,
): AsyncGenerator<ModelEvent> {
  const open = () => ({
    text: createScreen(searchFor(watches, endTheTurn)),
    reasoning: createScreen(searchFor(watches)),
  });
  const opaque: ModelEvent[] = [];
  let screens = open();
  function* rest(kind: 'text' | 'reasoning'): Generator<ModelEvent> {
    const text = screens[kind].end();
    if (text !== '') yield { type: kind, text };
  }
  function endTheTurn(type: string): never {
    acted('blocked_output');
    const text = `The model answered, but the answer holds ${wordsFor(type)}, so I do not show it. Ask without it.`;
    throw new TurnEndError({ status: 'failed', code: 'output_rejected', text });
  }
  for await (const event of hear()) {
    if (event.type !== 'reasoning') yield* rest('reasoning');
    if (event.type === 'text' || event.type === 'reasoning') {
      const text = screens[event.type].take(event.text);
      if (text !== '') yield { type: event.type, text };
      continue;
    }
    if (event.type === 'opaque') {
      opaque.push(event);
      continue;
    }
    if (event.type === 'restart') {
      screens = open();
      opaque.length = 0;
    }
    if (event.type === 'stop') {
      yield* rest('text');
      const isChanged = screens.text.isChanged() || screens.reasoning.isChanged();
      if (isChanged) acted('changed_output');
      else yield* opaque;
    }
    yield event;
  }
}

/** A result that must not be read is stored nowhere: the model is told so, and the turn goes on. */
function checkedTool(watches: readonly Watch[], { metrics }: MiddlewareParts): NonNullable<Layer['tool']> {
  return async (input, next, signal) => {
    const answer = await next(input, signal);
    if (answer.type === 'ask') return answer;
    const outcome = cleanOutcome(answer.outcome, watches, input.tool.name);
    if (outcome.text !== answer.outcome.text) metrics.middlewareActed(name, 'changed_result');
    return { ...answer, outcome };
  };
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

/** The kind of the first thing in a text that ends a turn. */
function blockedIn(text: string, watches: readonly Watch[]): string | undefined {
  return watches.find((watch) => isBlocking(watch) && watch.detector.find(text).length > 0)?.type;
}

function clean(text: string, watches: readonly Watch[]): string {
  if (watches.length === 0) return text;
  return replaced(text, searchFor(watches).find(text), (found, { words }) => words(found));
}

/** Finds everything that is watched for. `blocked` is called where something must not be; absent: it is redacted. */
function searchFor(watches: readonly Watch[], blocked?: (type: string) => never): Search {
  const wordsOf =
    ({ type, strategy }: Watch) =>
    (found: string) =>
      strategy === 'block' && blocked !== undefined ? blocked(type) : disguised(found, type, strategy);
  return {
    find: (text) =>
      apart(
        watches.flatMap((watch) => {
          const { goesOn } = watch.detector;
          const more = { words: wordsOf(watch), ...(goesOn && { goesOn }) };
          return watch.detector.find(text).map((span) => ({ ...span, ...more }));
        }),
      ),
    openAt: (text) => Math.min(...watches.map(({ detector }) => detector.openAt(text))),
  };
}

/** Of two that share characters the first one stays, of two at the same place the longer one. */
function apart(found: readonly Found[]): readonly Found[] {
  const inOrder = found.toSorted((a: Span, b: Span) => a.start - b.start || b.end - a.end);
  let end = 0;
  return inOrder.filter((one) => {
    if (one.start < end) return false;
    end = one.end;
    return true;
  });
}

const shownOfMask = 4;

function disguised(found: string, type: string, strategy: Rule['strategy']): string {
  switch (strategy) {
    case 'block':
    case 'redact':
      return `[REDACTED_${type.toUpperCase()}]`;
    case 'mask':
      return masked(found);
    case 'hash':
      return `<${type}_hash:${createHash('sha256').update(found).digest('hex').slice(0, 8)}>`;
    default:
      return strategy satisfies never;
  }
}

/** Letters and digits as stars, but for the last four; what has no more than four shows none. */
function masked(text: string): string {
  const characters = [...text];
  const signs = characters.filter((character) => isSign.test(character)).length;
  let left = signs > shownOfMask ? signs - shownOfMask : signs;
  return characters
    .map((character) => {
      if (!isSign.test(character) || left === 0) return character;
      left -= 1;
      return '*';
    })
    .join('');
}

const isSign = /[\p{L}\p{N}]/u;

const names: Readonly<Record<string, string>> = {
  email: 'a mail address',
  credit_card: 'the number of a card',
  ip: 'an IP address',
  mac_address: 'a MAC address',
  url: 'a web address',
};

function wordsFor(type: string): string {
  return Object.hasOwn(names, type) ? (names[type] ?? type) : `something of the kind ${type}`;
}
