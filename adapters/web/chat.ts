import { randomUUID } from 'node:crypto';
import { UnavailableError } from '../../src/chat/errors.ts';
import { fileLimits } from '../../src/chat/file-limits.ts';
import type { Identity } from '../../src/chat/identity.ts';
import type { Received } from '../../src/chat/inbound.ts';
import type { Route, RouteRequest, RouteResponse } from '../../src/chat/route.ts';
import { parseJson } from './body.ts';
import type { WebContext } from './context.ts';
import { followTurn, settledTurn } from './follow.ts';
import { parseChat } from './inbound.ts';
import { API, slashed } from './paths.ts';
import { invalid, json, NOT_FOUND } from './problems.ts';
import { answerJson, httpStatus } from './render.ts';
import { streamResponse } from './sse.ts';
import { isShared } from './thread-id.ts';

/** Files come as base64; without them a message is far smaller. */
const CHAT_BODY_LIMIT_BYTES = 1024 * 1024 + Math.ceil((fileLimits.totalBytes * 4) / 3);

/** `POST chat/`: stores a message, then answers with its turn's end, or with a stream of its events. */
export function chatRoutes(context: WebContext): readonly Route[] {
  const handle = context.guard.around((request, identity) => chat(context, request, identity), 'chat');
  return slashed({
    method: 'POST',
    path: `${API}/chat`,
    bodyLimitBytes: CHAT_BODY_LIMIT_BYTES,
    isLimited: 'failures',
    admit: context.guard.admit('chat'),
    handle,
  });
}

async function chat(context: WebContext, request: RouteRequest, identity: Identity): Promise<RouteResponse> {
  const { bot, problems } = context;
  const { headers } = request;
  const body = parseJson(request.body);
  if (!body.ok)
    return problems.refuse({ status: 400, code: 'bad_json', detail: 'The body is not valid JSON.' });
  const inbound = parseChat(
    {
      author: identity.author,
      body: body.value,
      idempotencyKey: headers['idempotency-key'],
      traceparent: headers.traceparent,
    },
    randomUUID,
  );
  if (!inbound.ok) return invalid(inbound.fields);
  // Nobody but the bot opens threads of the ops channel.
  if (isShared(inbound.value.threadId) && !(await bot.conversation(inbound.value.threadId)))
    return problems.refuse(NOT_FOUND);
  const received = await bot.receive(inbound.value);
  if (isOtherBody(received, inbound.value.fingerprint)) {
    const detail = 'This Idempotency-Key came before with another body; use a fresh key for a new message.';
    return problems.refuse({ status: 409, code: 'idempotency_conflict', detail });
  }
  return headers.accept?.includes('text/event-stream')
    ? streamed(context, request, received)
    : settled(context, request, received);
}

function isOtherBody(received: Received, fingerprint: string | undefined): boolean {
  return received.duplicate && received.fingerprint !== undefined && received.fingerprint !== fingerprint;
}

async function settled(
  context: WebContext,
  request: RouteRequest,
  received: Received,
): Promise<RouteResponse> {
  const signal = AbortSignal.any([request.signal, context.stopping]);
  const turn = await settledTurn({ ...context, threadId: received.threadId, signal }, received);
  if (!turn)
    throw new UnavailableError('The bot is stopping; the turn goes on. Read the thread to see its end.');
  return json(httpStatus(turn), answerJson(turn));
}

function streamed(context: WebContext, request: RouteRequest, received: Received): RouteResponse {
  return streamResponse({
    events: (signal) => followTurn({ ...context, threadId: received.threadId, signal }, received),
    signal: request.signal,
    stopping: context.stopping,
    keepAliveMs: context.keepAliveMs,
    onError: context.problems.event,
  });
}
