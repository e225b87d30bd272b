import type { ApprovalJson, ApprovalViewJson, ChatEvent, ConcernJson } from '../events.ts';
import type { Attached } from './attached.ts';
import { readEvents } from './sse.ts';

export type { ApprovalJson, ApprovalViewJson, ChatEvent, ConcernJson };

export type TurnStatus = Extract<ChatEvent, { event: 'turn' }>['data']['status'];

export interface Me {
  readonly name: string;
  readonly principal: string;
  readonly permissions: readonly string[];
}

export interface ThreadSummary {
  readonly thread_id: string;
  readonly title: string;
  readonly status: TurnStatus;
  readonly updated_at: string;
}

export type Message =
  | {
      readonly role: 'user';
      readonly turn_id: string;
      readonly at: string;
      readonly text: string;
      readonly name: string;
      readonly files?: readonly { readonly name: string; readonly media_type: string }[];
    }
  | {
      readonly role: 'assistant';
      readonly turn_id: string;
      readonly at: string;
      readonly text: string;
      readonly kind: 'answer' | 'approval' | 'stopped' | 'error';
      readonly sources?: readonly { readonly title: string; readonly url: string }[];
      readonly footer?: string;
      readonly code?: string;
      readonly approvals?: readonly ApprovalJson[];
      /** What of it needs attention. */
      readonly concern?: ConcernJson;
      /** What its parts rest on; Markdown. */
      readonly details?: readonly { readonly title: string; readonly text: string }[];
      /** The names of those whom it is told. */
      readonly mentions?: readonly string[];
    }
  | {
      readonly role: 'tool';
      readonly turn_id: string;
      readonly at: string;
      readonly text: string;
      readonly call_id: string;
      readonly tool: string;
      readonly arguments: string;
      /** What a person wrote in their place. */
      readonly edited_arguments?: string;
      readonly edited_by?: string;
      readonly status: 'waiting' | 'running' | 'ok' | 'error';
      /** The whole result can be read by this id; `text` is its head and tail. */
      readonly kept?: { readonly id: string; readonly characters: number };
      readonly duration_ms?: number;
    };

export interface Conversation {
  readonly thread_id: string;
  readonly messages: readonly Message[];
  readonly turn: { readonly turn_id: string; readonly status: TurnStatus } | null;
}

/** The server refused; the message is its sentence. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly body: ErrorBody;

  constructor(status: number, body: ErrorBody) {
    super(sentenceOf(status, body));
    this.status = status;
    this.body = body;
  }
}

/** An error body `{detail, code, reference_id}`, or field errors; a lost race for an approval carries its outcome. */
export type ErrorBody = Readonly<Record<string, unknown>> & { readonly approval?: ApprovalJson };

const BASE = '/plugins/ai-ops/api';

export const readMe = () => requestJson<Me>('GET', 'me/');

/** Whether people may sign in at their organisation. */
export const readSignInOptions = () => requestJson<{ readonly oidc: boolean }>('GET', 'sign-in-options/');

export const signOut = () => request('POST', 'sign-out/');

export async function listThreads(): Promise<readonly ThreadSummary[]> {
  return (await requestJson<{ threads: readonly ThreadSummary[] }>('GET', 'chat/')).threads;
}

/** Threads of the ops channel, which everybody who may chat can read. */
export async function listOpsThreads(): Promise<readonly ThreadSummary[]> {
  return (await requestJson<{ threads: readonly ThreadSummary[] }>('GET', 'channels/ops/')).threads;
}

/** Null for a thread in which nothing was said yet. */
export async function readThread(threadId: string): Promise<Conversation | null> {
  try {
    return await requestJson<Conversation>('GET', threadPath(threadId));
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

/** The whole text of a tool result that the conversation shows shortened. */
export async function readResult(threadId: string, resultId: string): Promise<string> {
  const answer = await request('GET', `${threadPath(threadId)}results/${encodeURIComponent(resultId)}/`);
  return await answer.text();
}

export const deleteThread = (threadId: string) => request('DELETE', threadPath(threadId));

export const stopThread = (threadId: string) => request('POST', `${threadPath(threadId)}stop/`);

/**
 * Resolves once the message is stored; its answer comes through `followThread`. With the same key it
 * may be called again after a lost connection without asking twice.
 */
export async function sendMessage(input: {
  readonly threadId: string;
  readonly message: string;
  readonly files: readonly Attached[];
  readonly key: string;
}): Promise<void> {
  const files = input.files.map(({ name, mediaType, data }) => ({ name, media_type: mediaType, data }));
  const body = { message: input.message, thread_id: input.threadId, ...(files.length > 0 && { files }) };
  const answer = await request('POST', 'chat/', body, {
    accept: 'text/event-stream',
    'idempotency-key': input.key,
  });
  await answer.body?.cancel();
}

/** What a person says to a question. */
export interface Answer {
  readonly decision: 'approve' | 'deny' | 'edit' | 'respond' | 'answer' | 'decline';
  readonly reason?: string | undefined;
  /** Of a form, by field. */
  readonly values?: Readonly<Record<string, unknown>>;
  /** What the call is answered with in place of being run. */
  readonly message?: string;
}

export async function decide(
  approvalId: string,
  { decision, reason, values, message }: Answer,
): Promise<ApprovalJson> {
  const more = { ...(values && { values }), ...(message !== undefined && { message }) };
  const body = { decision, ...(reason && { reason }), ...more };
  return (await requestJson<{ approval: ApprovalJson }>('POST', approvalPath(approvalId), body)).approval;
}

/** What a person says to something that needs attention. */
export type Attending =
  | { readonly verb: 'acknowledge' | 'reopen' }
  | { readonly verb: 'snooze'; readonly minutes: number };

/** Resolves to how it stands then; somebody may have been first. */
export async function attend(concernId: string, attending: Attending): Promise<ConcernJson> {
  const path = `concerns/${encodeURIComponent(concernId)}/`;
  return (await requestJson<{ concern: ConcernJson }>('POST', path, attending)).concern;
}

/** One approval as this person sees it: with what is asked of them alone. */
export async function readApproval(approvalId: string): Promise<ApprovalViewJson> {
  return (await requestJson<{ approval: ApprovalViewJson }>('GET', approvalPath(approvalId))).approval;
}

/** What waits for a decision in all threads, newest first; needs the permission to approve. */
export async function listApprovals(): Promise<readonly ApprovalViewJson[]> {
  return (await requestJson<{ approvals: readonly ApprovalViewJson[] }>('GET', 'approvals/')).approvals;
}

/** The events of a thread until the connection ends. `onOpen` is called before the first. */
export async function* followThread(
  threadId: string,
  signal: AbortSignal,
  onOpen: () => void,
): AsyncGenerator<ChatEvent> {
  const answer = await fetch(`${BASE}/${threadPath(threadId)}events/`, { signal, cache: 'no-store' });
  await refuseUnlessOk(answer);
  if (!answer.body) return;
  onOpen();
  for await (const { event, data } of readEvents(answer.body)) {
    yield { event, data: JSON.parse(data) } as ChatEvent;
  }
}

function approvalPath(approvalId: string): string {
  return `approvals/${encodeURIComponent(approvalId)}/`;
}

function threadPath(threadId: string): string {
  return `chat/${encodeURIComponent(threadId)}/`;
}

/** Posts JSON and reads JSON. */
export const postJson = <T>(path: string, body: object) => requestJson<T>('POST', path, body);

async function requestJson<T>(method: string, path: string, body?: object): Promise<T> {
  const answer = await request(method, path, body);
  return (await answer.json()) as T;
}

async function request(
  method: string,
  path: string,
  body?: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const answer = await fetch(`${BASE}/${path}`, {
    method,
    cache: 'no-store',
    headers: { ...(body && { 'content-type': 'application/json' }), ...headers },
    ...(body && { body: JSON.stringify(body) }),
  });
  await refuseUnlessOk(answer);
  return answer;
}

/** Throws the sentence of an answer that refuses. */
export async function refuseUnlessOk(answer: Response): Promise<void> {
  if (answer.ok) return;
  const body = await answer.json().catch(() => ({}));
  throw new ApiError(answer.status, body as ErrorBody);
}

function sentenceOf(status: number, body: ErrorBody): string {
  if (typeof body.detail === 'string') {
    // Of no use to people but for what the log has more to say about.
    const isTraced = status >= 500 && typeof body.reference_id === 'string';
    return body.detail + (isTraced ? ` (reference ${String(body.reference_id)})` : '');
  }
  const sentences = Object.values(body)
    .flat()
    .filter((value) => typeof value === 'string');
  return sentences.length > 0 ? sentences.join(' ') : `The server answered ${status}.`;
}
