import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ScriptedReply } from '../fakes/llm/server.ts';
import { conversationOf, openStage, type Stage } from './stage.ts';

const http = (refusal: Extract<NonNullable<ScriptedReply['fault']>, { type: 'http' }>['refusal']) => ({
  fault: { type: 'http', refusal } as const,
});

interface Case {
  readonly name: string;
  readonly reply: ScriptedReply;
  /** How often the provider layer meets it before it gives up. */
  readonly times?: number;
  readonly status: number;
  readonly code?: string;
  readonly says: RegExp;
}

const cases: readonly Case[] = [
  { name: 'an empty answer', reply: { text: '' }, status: 502, code: 'empty_answer', says: /empty answer/ },
  {
    name: 'a refusal',
    reply: { text: 'I cannot help with that.', stop: 'refusal' },
    status: 200,
    says: /^I cannot help with that\.$/,
  },
  {
    name: 'a refusal without a word',
    reply: { text: '', stop: 'refusal' },
    status: 502,
    code: 'empty_answer',
    says: /empty answer/,
  },
  {
    name: 'an answer that is cut',
    reply: { text: 'The first half', stop: 'length' },
    status: 200,
    says: /^The first half\n\n_The answer is cut here/,
  },
  {
    name: 'an output limit used up before the first word',
    reply: { text: '', stop: 'length' },
    status: 502,
    code: 'length',
    says: /output limit/,
  },
  {
    name: 'a content filter in mid-answer',
    reply: { text: 'Something ba', stop: 'content_filter' },
    status: 502,
    code: 'content_filtered',
    says: /content filter/,
  },
  {
    name: 'a prompt that the filter refuses',
    reply: http('content_filter'),
    status: 502,
    code: 'content_filtered',
    says: /content filter/,
  },
  {
    name: 'a conversation that is too long',
    reply: http('context_overflow'),
    times: 2,
    status: 502,
    code: 'context_overflow',
    says: /too long for the model/,
  },
  { name: 'a wrong key', reply: http('unauthorized'), status: 502, code: 'auth', says: /API key/ },
  { name: 'a key without rights', reply: http('forbidden'), status: 502, code: 'permission', says: /rights/ },
  {
    name: 'an unknown model',
    reply: http('model_not_found'),
    status: 502,
    code: 'not_found',
    says: /does not know this model/,
  },
  {
    name: 'a rate limit',
    reply: http('rate_limited'),
    times: 3,
    status: 502,
    code: 'rate_limited',
    says: /limiting requests/,
  },
  {
    name: 'a quota that is used up',
    reply: http('quota'),
    status: 502,
    code: 'quota_exhausted',
    says: /quota/,
  },
  {
    name: 'an overloaded vendor',
    reply: http('overloaded'),
    times: 3,
    status: 502,
    code: 'overloaded',
    says: /overloaded/,
  },
  {
    name: 'a stream that breaks off',
    reply: { text: 'half of', fault: { type: 'eof', afterFrames: 2 } },
    times: 3,
    status: 502,
    code: 'protocol',
    says: /broke off or made no sense/,
  },
  {
    name: 'garbage',
    reply: { fault: { type: 'malformed', afterFrames: 1 } },
    times: 3,
    status: 502,
    code: 'network',
    says: /cannot be reached/,
  },
];

describe('a turn ends honestly after', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(() => stage.close());

  it.each(cases)('$name, and the thread goes on', async ({ name, reply, times = 1, status, code, says }) => {
    const thread = name.replaceAll(/\W+/g, '-');
    stage.llm.script(...Array.from({ length: times }, () => reply));
    const answer = await stage.ask('How are things?', thread);
    expect(answer.http).toBe(status);
    expect(answer.code).toBe(code);
    expect(answer.response).toMatch(says);
    if (status !== 200) expect(answer).toMatchObject({ status: 'failed', reference_id: answer.turn_id });

    stage.llm.script({ text: 'Fine now.' });
    expect(await stage.ask('And now?', thread)).toMatchObject({ http: 200, response: 'Fine now.' });
    const sent = conversationOf(stage.llm.requests.at(-1));
    expect(sent[0]).toBe('user: How are things?');
    expect(sent.at(-2)).toMatch(/^assistant: /);
  });
});
