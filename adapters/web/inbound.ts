import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { DecisionInput } from '../../src/chat/bot.ts';
import type { Author, Inbound } from '../../src/chat/inbound.ts';
import { encodePart, encodeThreadId, SHORT_ID } from './thread-id.ts';

/** Field names and what is wrong with each, in sentences. */
export type FieldErrors = Readonly<Record<string, readonly string[]>>;

/** Something parsed, or why it could not be. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly fields: FieldErrors };

/** What a chat request brings, after authentication. */
export interface ChatRequest {
  readonly author: Author;
  /** The JSON body, parsed. */
  readonly body: unknown;
  /** The `Idempotency-Key` header. */
  readonly idempotencyKey?: string | undefined;
  /** The W3C `traceparent` header. */
  readonly traceparent?: string | undefined;
}

/** A person's answer to an approval. */
export interface DecisionRequest {
  readonly decision: DecisionInput['decision'];
  readonly reason?: string;
  /** Of a form, by field. */
  readonly values?: Readonly<Record<string, unknown>>;
}

/** The longest message, in UTF-16 units. */
export const MAX_MESSAGE_CHARS = 32_000;

const MAX_REASON_CHARS = 2_000;
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

const chatBody = z.strictObject({
  message: z
    .string('A message is required.')
    .max(MAX_MESSAGE_CHARS, 'Messages hold at most 32,000 characters.')
    .refine((text) => text.trim() !== '', 'The message may not be blank.'),
  thread_id: z
    .string('A thread id is a string.')
    .regex(SHORT_ID, 'A thread id has 1 to 128 characters: letters, digits, and . _ : -')
    .nullish(),
});

const decisionBody = z.strictObject({
  decision: z.enum(
    ['approve', 'deny', 'answer', 'decline'],
    'Decide with "approve" or "deny"; answer a form with "answer" or "decline".',
  ),
  reason: z
    .string('A reason is a string.')
    .max(MAX_REASON_CHARS, 'Reasons hold at most 2,000 characters.')
    .nullish(),
  values: z.record(z.string(), z.unknown(), 'Values are a JSON object.').nullish(),
});

/** Turns a verified chat request into an inbound message. Pure but for `newId`, which makes unique short ids. */
export function parseChat(request: ChatRequest, newId: () => string): Parsed<Inbound> {
  const body = chatBody.safeParse(request.body);
  if (!body.success) return { ok: false, fields: fieldErrors(body.error) };
  const { idempotencyKey, traceparent, author } = request;
  if (idempotencyKey !== undefined && !IDEMPOTENCY_KEY.test(idempotencyKey)) {
    return { ok: false, fields: { 'Idempotency-Key': ['A key has 1 to 255 visible ASCII characters.'] } };
  }
  const id = body.data.thread_id ?? newId();
  const inbound: Inbound = {
    threadId: encodeThreadId({ principal: author.principal, id }),
    dedupeKeys: [dedupeKey(author, idempotencyKey ?? `once-${newId()}`)],
    author,
    text: storable(body.data.message),
    fingerprint: fingerprint(body.data.message, body.data.thread_id ?? undefined),
    ...(traceparent !== undefined && TRACEPARENT.test(traceparent) && { traceparent }),
  };
  return { ok: true, value: inbound };
}

/** Reads a decision about an approval. */
export function parseDecision(body: unknown): Parsed<DecisionRequest> {
  const parsed = decisionBody.safeParse(body);
  if (!parsed.success) return { ok: false, fields: fieldErrors(parsed.error) };
  const { decision, reason, values } = parsed.data;
  return {
    ok: true,
    value: {
      decision,
      ...(reason?.trim() && { reason: storable(reason.trim()) }),
      ...(values && { values }),
    },
  };
}

function dedupeKey(author: Author, key: string): string {
  return `idem:${encodePart(author.principal)}:${encodePart(key)}`;
}

/** Over the meaning of the body, not its bytes: spaces and the order of its fields do not matter. */
function fingerprint(message: string, threadId: string | undefined): string {
  return createHash('sha256')
    .update(JSON.stringify([message, threadId ?? null]))
    .digest('base64url');
}

/** PostgreSQL stores neither NUL nor lone surrogates. */
function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\u{fffd}');
}

function fieldErrors(error: z.ZodError): FieldErrors {
  const fields: Record<string, string[]> = {};
  const add = (field: string, sentence: string) => {
    fields[field] = [...(fields[field] ?? []), sentence];
  };
  for (const issue of error.issues) {
    if (issue.code === 'unrecognized_keys') for (const key of issue.keys) add(key, 'There is no such field.');
    else if (issue.path.length === 0) add('non_field_errors', 'The body must be a JSON object.');
    else add(issue.path.join('.'), issue.message);
  }
  return fields;
}
