import { createHash } from 'node:crypto';
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { BusyError } from '../chat/errors.ts';

/** How often one caller may ask. Each process counts for itself, in memory. */
export interface RateLimits {
  /** Of one token, session or, without either, one address. Default 1200. */
  readonly requestsPerMinute?: number;
  /** Requests of one address that did not say who they are. Default 60. */
  readonly failuresPerMinute?: number;
  /** The cookie that carries a session. */
  readonly sessionCookie?: string;
}

/** What is done before and after each request of a limited route. */
export interface RateLimitHooks {
  /** Throws `BusyError`. */
  before(request: FastifyRequest, reply: FastifyReply, what: true | 'failures'): Promise<void>;
  /** Answers that ask for credentials, or for others, are failures: 401, and all with `www-authenticate`. */
  after(request: FastifyRequest, reply: FastifyReply): Promise<void>;
}

const minuteMs = 60_000;
const remembered = 10_000;

/** Counts requests by caller, and failures to say who is calling by address. */
export async function rateLimits(app: FastifyInstance, limits: RateLimits = {}): Promise<RateLimitHooks> {
  const { requestsPerMinute = 1200, failuresPerMinute = 60, sessionCookie = '' } = limits;
  await app.register(rateLimit, { global: false });
  const keyOf = (request: FastifyRequest) => callerKey(request, sessionCookie);
  const asked = app.createRateLimit({
    max: requestsPerMinute,
    timeWindow: minuteMs,
    keyGenerator: (request) => keyOf(request) ?? request.ip,
  });
  // A limit is exceeded by one more than it: the last failure that is let through is the limit's own.
  const failed = app.createRateLimit({ max: failuresPerMinute - 1, timeWindow: minuteMs });
  const trusted = recentKeys(remembered);

  return {
    async before(request, reply, what) {
      const key = keyOf(request);
      if (what === 'failures' && key === undefined) return;
      // Callers behind one proxy share its address; those known to be good are not held up by the others.
      if (key === undefined || !trusted.has(key))
        refuseIfExceeded(await failed(request, { increment: false }), failuresSaid);
      if (what === 'failures') return;
      const count = await asked(request);
      if (!count.isAllowed) reply.header('x-ratelimit-remaining', count.remaining);
      refuseIfExceeded(count, askedSaid);
    },
    async after(request, reply) {
      const key = keyOf(request);
      if (reply.statusCode === 401 || reply.hasHeader('www-authenticate')) {
        if (key !== undefined) trusted.delete(key);
        await failed(request);
      } else if (key !== undefined && reply.statusCode < 300) trusted.add(key);
    },
  };
}

const failuresSaid =
  'Too many requests from your address had no valid token. Check the token, and wait before you try again.';
const askedSaid = 'Too many requests. Wait before you send more, or ask for several things at once.';

type Counted = Awaited<ReturnType<ReturnType<FastifyInstance['createRateLimit']>>>;

function refuseIfExceeded(counted: Counted, sentence: string): void {
  if (!counted.isAllowed && counted.isExceeded) throw new BusyError(sentence, counted.ttlInSeconds);
}

/** Tokens and sessions are not kept, only their hashes. */
function callerKey(request: FastifyRequest, sessionCookie: string): string | undefined {
  const credential =
    request.headers.authorization?.trim().split(/\s+/).at(-1) ?? request.cookies[sessionCookie];
  return credential === undefined || credential === ''
    ? undefined
    : createHash('sha256').update(credential).digest('base64url');
}

/** The latest keys, at most so many. */
function recentKeys(limit: number): Pick<Set<string>, 'has' | 'delete'> & { add(key: string): void } {
  const keys = new Set<string>();
  return {
    has: (key) => keys.has(key),
    delete: (key) => keys.delete(key),
    add(key) {
      keys.delete(key);
      keys.add(key);
      const [oldest] = keys;
      if (keys.size > limit && oldest !== undefined) keys.delete(oldest);
    },
  };
}
