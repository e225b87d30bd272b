import { isRecord, type Json, textOf } from '../../src/chat/json.ts';
import { sentenceOf } from '../../src/chat/sentence.ts';
import type { Log } from '../../src/observe/port.ts';
import type { Person } from './context.ts';
import type { Conversation } from './thread-id.ts';

/** A verified activity, and where it happened. */
export interface Arrived {
  readonly activity: Json;
  readonly conversation: Conversation;
}

/** Somebody did something with a card, a dialog or a button. */
export interface Interaction extends Arrived {
  readonly person: Person;
  /** What came with it: `activity.value`. */
  readonly value: Json;
}

/** An interaction for which a client waits. */
export interface Invoke extends Interaction {
  readonly name: InvokeName;
  /** Aborts when the time to answer is over: what comes later is shown by a message or an update. */
  readonly signal: AbortSignal;
}

/** What the client gets: the HTTP status and its body. */
export interface InvokeAnswer {
  readonly status: number;
  readonly body?: Json;
}

/** Types of activities that ask for no answer. */
const eventTypes = [
  'message',
  'messageUpdate',
  'messageDelete',
  'conversationUpdate',
  'installationUpdate',
  'messageReaction',
] as const;
export type EventType = (typeof eventTypes)[number];

/** The invokes that this app’s cards, files and dialogs can send. Any other is answered 501, as the protocol asks. */
export const invokeNames = [
  'adaptiveCard/action',
  'task/fetch',
  'task/submit',
  'message/submitAction',
  'message/fetchTask',
  'fileConsent/invoke',
  'application/search',
] as const;
export type InvokeName = (typeof invokeNames)[number];

/** Who handles what of Teams; whoever mounts something registers here, before the adapter starts. */
export interface Dispatch {
  /** Resolves once it is safe to acknowledge. Several handlers of one type run one after another. */
  on(type: EventType, handler: (arrived: Arrived) => Promise<void>): void;
  /** One handler for each name. What it throws becomes an answer. */
  onInvoke(name: InvokeName, handler: (invoke: Invoke) => Promise<InvokeAnswer>): void;
  /**
   * An `Action.Submit` outside of a dialog comes as a message with a value and no text; it is not heard as
   * words then.
   */
  onSubmit(handler: (submit: Interaction) => Promise<void>): void;
  /** Hands out an activity that asks for no answer. */
  event(arrived: Arrived): Promise<void>;
  /** Always answers, and in time, of which `first` is a part. Never throws. */
  invoke(arrived: Arrived, first?: Promise<void>): Promise<InvokeAnswer>;
}

export interface DispatchOptions {
  /** Who did it. Throws `UnavailableError`; undefined: nobody of Entra. */
  readonly personOf: (arrived: Arrived) => Promise<Person | undefined>;
  readonly log: Log;
  /** Teams shows an error after about 5 s. */
  readonly answerWithinMs?: number;
}

const nobody = 'I cannot tell who you are, so I cannot do that.';
const faulty = 'Something went wrong on my side. Try again.';
const goesOn = 'This takes longer than Teams waits. I go on, and show here what comes of it.';
/** Teams opens a dialog as an answer alone. */
const pressAgain = 'This takes longer than Teams waits. Press it again in a moment.';

export function createDispatch({ personOf, log, answerWithinMs = 4000 }: DispatchOptions): Dispatch {
  const events = new Map<EventType, readonly ((arrived: Arrived) => Promise<void>)[]>();
  const invokes = new Map<InvokeName, (invoke: Invoke) => Promise<InvokeAnswer>>();
  const submits: ((submit: Interaction) => Promise<void>)[] = [];

  async function interaction(arrived: Arrived): Promise<Interaction | undefined> {
    const person = await personOf(arrived);
    const { value } = arrived.activity;
    return person === undefined ? undefined : { ...arrived, person, value: isRecord(value) ? value : {} };
  }

  async function answerOf(name: InvokeName, arrived: Arrived, signal: AbortSignal): Promise<InvokeAnswer> {
    const handler = invokes.get(name);
    if (handler === undefined) return { status: 501 };
    const known = await interaction(arrived);
    if (known === undefined) return sayIn(name, { sentence: nobody, code: 'Forbidden', status: 403 });
    return await handler({ ...known, name, signal });
  }

  function failed(name: InvokeName, error: unknown): InvokeAnswer {
    const sentence = sentenceOf(error);
    if (sentence !== undefined) return sayIn(name, { sentence, code: 'Refused', status: 400 });
    log.error('teams_invoke_failed', { name, error });
    return sayIn(name, { sentence: faulty, code: 'InternalError', status: 500 });
  }

  return {
    on: (type, handler) => void events.set(type, [...(events.get(type) ?? []), handler]),
    onInvoke: (name, handler) => void invokes.set(name, handler),
    onSubmit: (handler) => void submits.push(handler),
    async event(arrived) {
      const type = eventTypes.find((known) => known === arrived.activity.type);
      if (type === undefined) return;
      if (type === 'message' && isSubmit(arrived.activity)) {
        const known = await interaction(arrived);
        if (known !== undefined) for (const handler of submits) await handler(known);
        return;
      }
      for (const handler of events.get(type) ?? []) await handler(arrived);
    },
    async invoke(arrived, first) {
      first?.catch(() => undefined);
      const name = invokeNames.find((known) => known === arrived.activity.name);
      if (name === undefined) return { status: 501 };
      const { promise: late, clear } = after(answerWithinMs);
      const over = new AbortController();
      const work = async () => {
        await first;
        return await answerOf(name, arrived, over.signal);
      };
      const answer = work().catch((error: unknown) => failed(name, error));
      try {
        return await Promise.race([
          answer,
          late.then(() => {
            over.abort();
            log.warn('teams_invoke_slow', { name });
            return sayIn(name, {
              sentence: opensDialog(name) ? pressAgain : goesOn,
              code: 'Later',
              status: 200,
            });
          }),
        ]);
      } finally {
        clear();
      }
    },
  };
}

function opensDialog(name: InvokeName): boolean {
  return name === 'task/fetch' || name === 'message/fetchTask';
}

/** A card's `Action.Submit`: it has values and no words, or the client's word that it was a card. */
function isSubmit(activity: Json): boolean {
  return isRecord(activity.value) && textOf(activity.text).trim() === '';
}

/** A sentence, in the form that the client shows for this kind of invoke. */
function sayIn(
  name: InvokeName,
  said: { readonly sentence: string; readonly code: string; readonly status: number },
): InvokeAnswer {
  switch (name) {
    case 'adaptiveCard/action':
      return { status: 200, body: actionAnswer(said) };
    case 'task/fetch':
    case 'task/submit':
    case 'message/fetchTask':
      return { status: 200, body: { task: { type: 'message', value: said.sentence } } };
    case 'application/search':
      return { status: 200, body: searchAnswer([]) };
    case 'message/submitAction':
    case 'fileConsent/invoke':
      return { status: 200, body: {} };
    default:
      return name satisfies never;
  }
}

/** https://learn.microsoft.com/adaptive-cards/authoring-cards/universal-action-model#response-format */
function actionAnswer({ sentence, code, status }: Parameters<typeof sayIn>[1]): Json {
  if (status < 400)
    return { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: sentence };
  return {
    statusCode: status,
    type: 'application/vnd.microsoft.error',
    value: { code, message: sentence },
  };
}

/** Choices of an input that asks while somebody types. */
export function searchAnswer(results: readonly { readonly title: string; readonly value: string }[]): Json {
  return { statusCode: 200, type: 'application/vnd.microsoft.search.searchResponse', value: { results } };
}

function after(ms: number): { readonly promise: Promise<void>; readonly clear: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  return { promise, clear: () => clearTimeout(timer) };
}
