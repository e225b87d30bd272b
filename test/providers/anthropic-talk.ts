import { expect } from 'vitest';
import type { AssistantMessage, Message } from '../../src/agent/messages.ts';
import type { ModelRequest } from '../../src/agent/provider.ts';
import { resilient } from '../../src/providers/resilient.ts';
import type { JsonRecord } from '../fakes/llm/script.ts';
import { type ScriptedReply, startStrictLlm } from '../fakes/llm/server.ts';
import { hear, messageOf } from './hear.ts';
import { anthropicMessages } from './subjects.ts';

/** A model and its settings, where they are not the usual ones. */
export type Options = { readonly model?: string; readonly config?: object };

/** Sends each request in turn to a strict server and gives what was sent and heard; any error fails the test. */
export async function talk(
  options: Options,
  replies: readonly ScriptedReply[],
  requests: (answers: readonly AssistantMessage[]) => ModelRequest,
) {
  const llm = await startStrictLlm();
  llm.script(...replies);
  const provider = resilient(await anthropicMessages.open(llm.url, options), { retries: 0 });
  const answers: AssistantMessage[] = [];
  for (const _ of replies) {
    const heard = await hear(provider, requests(answers));
    expect(heard.error?.message).toBeUndefined();
    answers.push(messageOf(heard));
  }
  await llm.close();
  return { bodies: llm.requests.map(({ body }) => body), headers: llm.requests[0]?.headers, answers };
}

/** What is sent for one request. */
export async function sent(request: ModelRequest, options: Options = {}) {
  const { bodies, headers } = await talk(options, [{ text: 'x' }], () => request);
  return { body: bodies[0], headers };
}

export interface SentTurn {
  readonly content: readonly { readonly type: string }[];
}

/** The turns of what was sent. */
export function turnsOf(body: JsonRecord | undefined): readonly SentTurn[] {
  return (body?.messages ?? []) as readonly SentTurn[];
}

/** A tool, a call's result, and an answer that only calls. */
export const ping = {
  name: 'host__ping',
  description: 'Answers.',
  inputSchema: { $schema: 'x', type: 'object' },
};
export const result = (callId: string, text = 'pong', isError = false): Message => ({
  role: 'tool',
  callId,
  name: 'host__ping',
  text,
  isError,
});
export const calling = (...ids: string[]): AssistantMessage => ({
  role: 'assistant',
  text: '',
  calls: ids.map((id) => ({ id, name: 'host__ping', arguments: {} })),
});
