import { type JsonObject, storableObject } from '../../agent/json.ts';
import { isSameNeed } from '../../agent/need.ts';
import type { CallContext, Need, NeedAnswer, ToolOutcome } from '../../agent/tool.ts';
import type { Reach } from '../port.ts';

/** What a server asks of the person for whom it runs a call. */
export type ServerQuestion =
  | { readonly mode: 'form'; readonly message: string; readonly schema: JsonObject }
  | { readonly mode: 'url'; readonly message: string; readonly url: string };

/** What it is answered. */
export type QuestionAnswer = Pick<NeedAnswer, 'action' | 'content'>;

/** What the server asks during one run of a call. */
export interface Questions {
  /** Answers at once: with what the asker has said before, or that nobody can answer now. */
  hear(question: ServerQuestion): QuestionAnswer;
  /** It asked something while several calls ran, so that nobody knows for whom. */
  missed(): void;
  /** The outcome of the run, with what it still needs. */
  outcome(found: ToolOutcome): ToolOutcome;
}

export interface QuestionsOptions {
  /** The server's name and where it is. */
  readonly server: string;
  readonly reach: Reach;
  readonly context: CallContext | undefined;
}

const missedNote =
  'While this ran, the server asked the person for something, which could not be told from what other calls ask for. If it failed for that reason, call it again by itself.';

/** Hears what a server asks in the course of one run. A run for nobody in particular has nobody to ask. */
export function questionsOf({ server, reach, context }: QuestionsOptions): Questions {
  let need: Need | undefined;
  let isMissed = false;

  function hear(question: ServerQuestion): QuestionAnswer {
    if (context === undefined) return { action: 'cancel' };
    const wanted = needOf(question, { server, reach });
    if (wanted === undefined) return { action: 'decline' };
    const said = context.answers.findLast((answer) => isSameNeed(answer.need, wanted));
    if (said === undefined) need ??= wanted;
    if (said?.content === undefined) return { action: said?.action ?? 'cancel' };
    return { action: said.action, content: said.content };
  }

  return {
    hear,
    missed() {
      isMissed = true;
    },
    outcome(found) {
      if (need !== undefined) return { ...found, need };
      return isMissed ? { ...found, text: `${found.text}\n\n(${missedNote})` } : found;
    },
  };
}

const longestMessage = 4_000;
const longestSchema = 32_000;

/** Undefined: nobody is asked for that. */
function needOf(
  question: ServerQuestion,
  { server, reach }: Pick<QuestionsOptions, 'server' | 'reach'>,
): Need | undefined {
  const { message } = storableObject({ message: question.message.slice(0, longestMessage) });
  if (typeof message !== 'string') return undefined;
  if (question.mode === 'url') {
    const url = addressOf(question.url, reach);
    return url === undefined ? undefined : { type: 'link', server, message, url };
  }
  if (JSON.stringify(question.schema).length > longestSchema) return undefined;
  return { type: 'form', server, message, schema: storableObject(question.schema) };
}

/** https, or http at an internal server; never with a name or a password, which would hide the host. */
function addressOf(text: string, reach: Reach): string | undefined {
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '') return undefined;
  const isAllowed = url.protocol === 'https:' || (url.protocol === 'http:' && reach === 'internal');
  return isAllowed ? url.href : undefined;
}
