import { AsyncLocalStorage } from 'node:async_hooks';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import {
  ElicitRequestSchema,
  ElicitResultSchema,
  UrlElicitationRequiredError,
} from '@modelcontextprotocol/sdk/types.js';
import type { JsonObject } from '../../agent/json.ts';
import type { Questions, ServerQuestion } from './elicitation.ts';

/** Which parts of asking people our client announces. */
export const asksPeople = { elicitation: { form: {}, url: {} } };

type Heard = Pick<Questions, 'hear' | 'missed'>;

/** The calls of one session that run now, and what the server asks during them. */
export interface RunningCalls {
  /** Runs a call; what the server asks meanwhile is heard by `questions`, if anybody. */
  run<T>(questions: Heard | undefined, call: () => Promise<T>): Promise<T>;
}

/**
 * Answers what a server asks over a session. Over HTTP it asks in the answer to a call, whose stream is
 * read in the call's own asynchronous context, and so the call is known; one that has ended has nobody to
 * ask any more. Where the call is not known, as over stdio, only the one that runs may be meant; while
 * several run the server is refused.
 */
export function answerQuestions(client: Client): RunningCalls {
  const running = new Set<{ readonly questions: Heard | undefined }>();
  const context = new AsyncLocalStorage<{ readonly questions: Heard | undefined }>();

  const meant = () => {
    const own = context.getStore();
    if (own !== undefined) return running.has(own) ? [own] : [];
    return [...running];
  };

  client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
    const [call, ...others] = meant();
    if (others.length > 0) for (const { questions } of running) questions?.missed();
    const answer = others.length > 0 ? undefined : call?.questions?.hear(questionIn(params));
    return ElicitResultSchema.parse(answer ?? { action: 'cancel' });
  });
  return {
    async run(questions, work) {
      const call = { questions };
      running.add(call);
      return await context.run(call, work).finally(() => running.delete(call));
    },
  };
}

/** The pages that a server wants to be opened before it runs a call at all. */
export function pagesIn(error: unknown): readonly ServerQuestion[] {
  if (!(error instanceof UrlElicitationRequiredError)) return [];
  return error.elicitations.map(({ message, url }) => ({ mode: 'url', message, url }));
}

type Params = ReturnType<typeof ElicitRequestSchema.parse>['params'];

function questionIn(params: Params): ServerQuestion {
  if (params.mode === 'url') return { mode: 'url', message: params.message, url: params.url };
  const schema: JsonObject = JSON.parse(JSON.stringify(params.requestedSchema));
  return { mode: 'form', message: params.message, schema };
}
