import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../agent/json.ts';
import type { Message } from '../agent/messages.ts';
import type { ModelEvent, ModelRequest } from '../agent/provider.ts';
import { defineMiddleware, type Layer, type MiddlewareParts } from './definition.ts';
import { count, options } from './options.ts';
import { hasWritten } from './own-turn.ts';
import { ownWords } from './own-words.ts';
import { compiled, pattern } from './patterns.ts';
import type { SharedStore } from './port.ts';
import { readShared } from './shared.ts';

const config = options({
  cache_backend: z
    .enum(['auto', 'redis', 'memory'])
    .default('auto')
    .describe('auto: Redis, else the database; memory: each process for itself.'),
  max_entries: count
    .max(100_000)
    .default(1000)
    .describe('Answers kept in memory; elsewhere they end by their time.'),
  ttl_seconds: z
    .number()
    .positive()
    .max(2_592_000)
    .default(300)
    .describe('How long an answer is given again.'),
  key_prefix: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,64}$/, { error: 'Use up to 64 letters, digits and . _ -' })
    .default('answer')
    .describe('A change of it begins with an empty cache.'),
  exclude_patterns: z
    .array(pattern)
    .default([])
    .describe('Regular expressions, in any case: questions that match one are always asked anew.'),
});

type Config = z.infer<typeof config>;

const name = 'CacheMiddleware';
const largestCharacters = 200_000;

/**
 * Gives the same answer again to the same request: the same model, words, tools and settings, for the same
 * person. Only whole answers of the turn's own model are kept, and none of a turn that has written.
 */
export const cache = defineMiddleware({
  name,
  description: 'Gives the same answer again to the same question of the same person.',
  priority: 50,
  config,
  needs: ({ cache_backend }, { hasRedis }) =>
    cache_backend !== 'redis' || hasRedis
      ? undefined
      : 'Its cache_backend is redis, and there is no Redis. Set REDIS_URL, or choose auto or memory.',
  build,
});

const kept = z.object({ text: z.string(), at: z.number() });

function build(config: Config, parts: MiddlewareParts): Layer {
  const { turn, clock, metrics, log } = parts;
  const store = storeOf(config, parts);
  const excluded = compiled(config.exclude_patterns);
  const ttlMs = config.ttl_seconds * 1000;
  if (excluded.some((item) => item.test(turn.question))) return {};
  return {
    async *model(request, next, signal) {
      if (hasWritten(parts)) return yield* next(request, signal);
      const key = `${config.key_prefix}:${keyOf(request, turn)}`;
      const found = readShared(await store.get(key), kept);
      if (found !== undefined) {
        metrics.middlewareActed(name, 'hit');
        parts.notice(`This is the answer of ${ageText(clock.now() - found.at)} ago, from the cache.`);
        return yield* ownWords(found.text);
      }
      const draft = newDraft();
      for await (const event of next(request, signal)) {
        take(draft, event, request.model ?? turn.model);
        yield event;
      }
      if (!draft.isGood || draft.text === '' || draft.text.length > largestCharacters) return;
      await store
        .set(key, JSON.stringify({ text: draft.text, at: clock.now() }), ttlMs)
        .catch((error: unknown) => log.warn('answer_not_cached', { error }));
    },
  };
}

function storeOf({ cache_backend, max_entries }: Config, { shared, memory }: MiddlewareParts): SharedStore {
  return cache_backend === 'memory' ? memory(name, max_entries) : shared;
}

interface Draft {
  text: string;
  /** As far as heard: an answer of the asked model, without calls, that came to its end. */
  isGood: boolean;
  isForeign: boolean;
  calls: number;
}

function newDraft(): Draft {
  return { text: '', isGood: false, isForeign: false, calls: 0 };
}

function take(draft: Draft, event: ModelEvent, model: string): void {
  if (event.type === 'text') draft.text += event.text;
  if (event.type === 'tool_call') draft.calls += 1;
  if (event.type === 'usage' && (event.model ?? model) !== model) draft.isForeign = true;
  if (event.type === 'restart') Object.assign(draft, { text: '', calls: 0 });
  if (event.type === 'stop') draft.isGood = event.reason === 'end' && draft.calls === 0 && !draft.isForeign;
}

/** Everything that the answer depends on, and who may see it. */
function keyOf(
  { turnId: _turn, retry: _retry, messages, ...request }: ModelRequest,
  turn: MiddlewareParts['turn'],
): string {
  const { model, visibility } = turn;
  const asked = canonicalJson({ model, visibility, ...request, messages: withPlainIds(messages) });
  return createHash('sha256').update(asked).digest('base64url');
}

/** Vendors make up ids of calls anew each time, and what they keep for themselves says nothing. */
function withPlainIds(messages: readonly Message[]): readonly unknown[] {
  const ids = new Map<string, number>();
  const plain = (id: string) => {
    if (!ids.has(id)) ids.set(id, ids.size);
    return ids.get(id);
  };
  return messages.map((message) => {
    if (message.role === 'tool') return { ...message, callId: plain(message.callId), kept: undefined };
    if (message.role === 'user') return message;
    const calls = message.calls.map((call) => ({ ...call, id: plain(call.id) }));
    return { ...message, calls, opaque: undefined };
  });
}

function ageText(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 1) return 'less than a minute';
  if (minutes < 120) return minutes === 1 ? 'a minute' : `${minutes} minutes`;
  return `${Math.round(minutes / 60)} hours`;
}
