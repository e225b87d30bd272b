import { type MessageRef, type Post, PostError, type Poster } from '../chat/adapter.ts';
import type { Log, Metrics } from '../observe/port.ts';
import type { OutboxStore, Outgoing } from './port.ts';

export interface OutboxOptions {
  readonly store: OutboxStore;
  /** By platform; replies of other platforms are left to processes that have them. */
  readonly posters: ReadonlyMap<string, Poster>;
  readonly owner: string;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly leaseMs?: number;
  readonly pollMs?: number;
  /** A reply that could not be sent for so long is given up, loudly. */
  readonly maxAgeMs?: number;
}

export interface Outbox {
  start(): void;
  /** Something was just stored: looks at once instead of at the next poll. */
  kick(): void;
  stop(): Promise<void>;
}

/** Sends stored replies, those of a thread one after another. */
export function createOutbox(options: OutboxOptions): Outbox {
  const {
    store,
    owner,
    posters,
    log,
    metrics,
    leaseMs = 30_000,
    pollMs = 1000,
    maxAgeMs = 24 * 3_600_000,
  } = options;
  const sending = new Set<Promise<void>>();
  const parallel = 16;
  let stopping = false;
  let timer: NodeJS.Timeout | undefined;

  async function take(): Promise<boolean> {
    const signal = AbortSignal.timeout(leaseMs * 0.8);
    const outgoing = await store.claim(owner, { leaseMs, platforms: [...posters.keys()] });
    if (outgoing === undefined) return false;
    await send(outgoing, signal);
    return true;
  }

  async function send(outgoing: Outgoing, signal: AbortSignal): Promise<void> {
    const poster = posters.get(outgoing.platform);
    if (poster === undefined) return;
    try {
      const outcome = await deliver(poster, outgoing, signal);
      if (outcome.repeated) metrics.possiblyRepeated(outgoing.platform);
      await store.sent(owner, outgoing, { ...outcome, ...openedBy(poster, outgoing, outcome.ref) });
      log.info('reply_sent', { ...fieldsOf(outgoing), repeated: outcome.repeated });
    } catch (error) {
      await failed(outgoing, error);
    }
  }

  async function failed(outgoing: Outgoing, error: unknown): Promise<void> {
    const fields = fieldsOf(outgoing);
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    if ((error instanceof PostError && !error.retryable) || outgoing.ageMs >= maxAgeMs) {
      if (outgoing.restates) log.info('restatement_given_up', { ...fields, error });
      else {
        log.error('reply_undeliverable', { ...fields, error });
        metrics.undeliverable(outgoing.platform);
      }
      return await store.dead(owner, outgoing, reason);
    }
    log.warn('reply_failed', { ...fields, error });
    const asked = error instanceof PostError ? error.retryAfterMs : undefined;
    const delayMs = asked ?? Math.min(60_000, 250 * 2 ** Math.min(outgoing.attempts, 10));
    const unsure = outgoing.unsure || !(error instanceof PostError && error.outcome === 'refused');
    await store.retry(owner, outgoing, { delayMs, error: reason, unsure });
  }

  function pump(): void {
    if (stopping || posters.size === 0 || sending.size >= parallel) return;
    const running = take()
      .then((sent) => {
        if (sent) queueMicrotask(pump);
      })
      .catch((error: unknown) => log.warn('outbox_failed', { error }))
      .finally(() => sending.delete(running));
    sending.add(running);
  }

  return {
    start() {
      timer = setInterval(pump, pollMs);
      pump();
    },
    kick: pump,
    async stop() {
      stopping = true;
      clearInterval(timer);
      await Promise.all(sending);
    },
  };
}

/** The thread whose first message this is. */
function openedBy(poster: Poster, { opensThread }: Outgoing, ref: MessageRef) {
  const threadId = opensThread ? poster.threadOf?.(ref) : undefined;
  return threadId === undefined ? {} : { threadId };
}

function fieldsOf({ post, attempts }: Outgoing) {
  return { thread_id: post.threadId, turn_id: post.reply.turnId, attempt: attempts };
}

/**
 * Brings one reply to its platform. After an attempt whose outcome nobody saw, an edit is simply made
 * again; a post is looked up first, and where the platform cannot tell it is sent marked as possibly
 * repeated.
 */
async function deliver(
  poster: Poster,
  outgoing: Outgoing,
  signal: AbortSignal,
): Promise<{ readonly ref: MessageRef; readonly repeated: boolean }> {
  const { post, edits, unsure, restates } = outgoing;
  if (restates) return { ref: await restate(poster, { ref: edits, post, signal }), repeated: false };
  const edited = edits === undefined ? undefined : await editOrNothing(poster, { ref: edits, post, signal });
  if (edited !== undefined) return { ref: edited, repeated: false };
  signal.throwIfAborted();
  if (!unsure) return { ref: await poster.post(post, signal), repeated: false };
  const found = await poster.find?.(post, signal);
  if (found !== undefined) return { ref: found, repeated: false };
  signal.throwIfAborted();
  if (poster.find !== undefined) return { ref: await poster.post(post, signal), repeated: false };
  const marked = { ...post, reply: { ...post.reply, possiblyRepeated: true } };
  return { ref: await poster.post(marked, signal), repeated: true };
}

/** A message that is gone, or never came to be, is not posted anew to say something else. */
async function restate(
  poster: Poster,
  { ref, post, signal }: Omit<Edit, 'ref'> & { readonly ref: MessageRef | undefined },
): Promise<MessageRef> {
  if (ref === undefined)
    throw new PostError('What it restates was never posted.', { outcome: 'refused', retryable: false });
  await (poster.restate ?? poster.edit)(ref, post, signal);
  return ref;
}

interface Edit {
  readonly ref: MessageRef;
  readonly post: Post;
  readonly signal: AbortSignal;
}

/** Undefined when the message of the preview is gone for good: then the reply is posted anew. */
async function editOrNothing(poster: Poster, { ref, post, signal }: Edit): Promise<MessageRef | undefined> {
  try {
    await poster.edit(ref, post, signal);
    return ref;
  } catch (error) {
    if (error instanceof PostError && !error.retryable) return undefined;
    throw error;
  }
}
