import type { Identity } from '../../src/chat/identity.ts';
import type { ThreadId } from '../../src/chat/inbound.ts';
import type { Route, RouteRequest, RouteResponse } from '../../src/chat/route.ts';
import type { WebContext } from './context.ts';
import { followThread } from './follow.ts';
import { API, slashed } from './paths.ts';
import { json, NOT_FOUND } from './problems.ts';
import { conversationJson, threadsJson } from './render.ts';
import { streamResponse } from './sse.ts';
import { isShared, opsPrincipal, threadNamed } from './thread-id.ts';

const THREADS_LISTED = 100;

/** What is posted in the ops channel is everybody's. */
const CLEARS_OPS = 'ai_ops.delete_schedule';

type ThreadHandler = (call: {
  readonly threadId: ThreadId;
  readonly identity: Identity;
  readonly request: RouteRequest;
}) => Promise<RouteResponse>;

/** A caller's own threads, and those of the ops channel: list, read, clear, stop, follow. */
export function threadRoutes(context: WebContext): readonly Route[] {
  const { bot, guard, problems } = context;

  /** Ids are scoped to the caller or to the ops channel, so nobody can name another's thread. */
  function onThread(handler: ThreadHandler): Route['handle'] {
    return guard.around(async (request, identity) => {
      const threadId = threadNamed(request.params.id ?? '', identity.author.principal);
      if (threadId === undefined) return problems.refuse(NOT_FOUND);
      return await handler({ threadId, identity, request });
    }, 'chat');
  }

  const list = guard.around(async (_request, identity) => {
    return json(200, threadsJson(await bot.threads(identity.author.principal, THREADS_LISTED)));
  }, 'chat');

  const listOps = guard.around(
    async () => json(200, threadsJson(await bot.threads(opsPrincipal, THREADS_LISTED))),
    'chat',
  );

  const read = onThread(async ({ threadId }) => {
    const conversation = await bot.conversation(threadId);
    return conversation ? json(200, conversationJson(conversation)) : problems.refuse(NOT_FOUND);
  });

  const clear = onThread(async ({ threadId, identity, request }) => {
    const refused = isShared(threadId) ? guard.refusal(identity, CLEARS_OPS, request) : undefined;
    if (refused) return refused;
    const wasKnown = await bot.clear(threadId, identity.author);
    return wasKnown ? { status: 204 } : problems.refuse(NOT_FOUND);
  });

  const result = onThread(async ({ threadId, request }) => {
    const text = await bot.keptResult(threadId, request.params.result ?? '');
    return text === undefined ? problems.refuse(NOT_FOUND) : plainText(text);
  });

  const stop = onThread(async ({ threadId, identity }) => {
    const stopped = await bot.stop(threadId, identity.author);
    const isKnown = stopped || (await bot.conversation(threadId)) !== undefined;
    return isKnown ? json(200, { stopped }) : problems.refuse({ ...NOT_FOUND, extra: { stopped } });
  });

  const events = onThread(async ({ threadId, identity, request }) =>
    streamResponse({
      events: (signal) => followThread({ ...context, threadId, signal }),
      signal: request.signal,
      stopping: context.stopping,
      keepAliveMs: context.keepAliveMs,
      mayGoOn: async () => isStillAllowed(await guard.identify(request), identity),
      onError: problems.event,
    }),
  );

  const one = `${API}/chat/:id`;
  return [
    ...slashed({ method: 'GET', path: `${API}/chat`, isLimited: 'failures', handle: list }),
    ...slashed({ method: 'GET', path: `${API}/channels/ops`, isLimited: 'failures', handle: listOps }),
    ...slashed({ method: 'GET', path: one, isLimited: 'failures', handle: read }),
    ...slashed({ method: 'DELETE', path: one, isLimited: 'failures', handle: clear }),
    ...slashed({ method: 'GET', path: `${one}/results/:result`, isLimited: 'failures', handle: result }),
    ...slashed({ method: 'POST', path: `${one}/stop`, isLimited: 'failures', handle: stop }),
    ...slashed({ method: 'GET', path: `${one}/events`, isLimited: 'failures', handle: events }),
  ];
}

const CHUNK_CHARACTERS = 64_000;

/** Streamed, because it may be long; as text that no browser takes for anything else. */
function plainText(text: string): RouteResponse {
  return {
    status: 200,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    },
    body: chunks(text),
  };
}

async function* chunks(text: string): AsyncIterable<string> {
  for (let at = 0; at < text.length; ) {
    const isSplit = /[\ud800-\udbff]/.test(text[at + CHUNK_CHARACTERS - 1] ?? '');
    const end = at + CHUNK_CHARACTERS - (isSplit ? 1 : 0);
    yield text.slice(at, end);
    at = end;
  }
}

/** Whether the same person may still chat: a stream must not outlive its session. */
function isStillAllowed(now: Identity | undefined, then: Identity): boolean {
  return now?.author.principal === then.author.principal && now.permissions.has('chat');
}
