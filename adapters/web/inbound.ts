import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { DecisionInput } from '../../src/chat/bot.ts';
import { fileLimits, fileTypes } from '../../src/chat/file-limits.ts';
import { checkFile, fittingFiles, type InboundFile } from '../../src/chat/files.ts';
import type { Author, Inbound } from '../../src/chat/inbound.ts';
import { encodePart, encodeThreadId, threadNamed } from './thread-id.ts';

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
  /** All that the call is to run with. */
  readonly arguments?: Readonly<Record<string, unknown>>;
  /** What the call is answered with in place of being run. */
  readonly message?: string;
}

/** The longest message, in UTF-16 units. */
export const MAX_MESSAGE_CHARS = 32_000;

const MAX_REASON_CHARS = 2_000;
const MAX_RESPONSE_CHARS = 4_000;
const THREAD_NAME = /^(@ops\.)?[A-Za-z0-9._:-]{1,128}$/;
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

const fileBody = z.strictObject({
  name: z.string('A name is required.').refine((name) => name.trim() !== '', 'The name may not be blank.'),
  media_type: z.enum(fileTypes, `A file is one of ${fileTypes.join(', ')}.`),
  data: z.string('The data is required, as base64.').refine(isBase64, 'The data is not valid base64.'),
});

/** By decoding it: a pattern runs out of stack over some megabytes. */
function isBase64(data: string): boolean {
  return data !== '' && Buffer.from(data, 'base64').toString('base64') === data;
}

const chatBody = z.strictObject({
  message: z
    .string('A message is required.')
    .max(MAX_MESSAGE_CHARS, 'Messages hold at most 32,000 characters.')
    .refine((text) => text.trim() !== '', 'The message may not be blank.'),
  files: z
    .array(fileBody, 'Files are a list.')
    .max(fileLimits.files, `A message brings ${fileLimits.files} files at most.`)
    .nullish(),
  thread_id: z
    .string('A thread id is a string.')
    .regex(THREAD_NAME, 'A thread id has 1 to 128 characters: letters, digits, and . _ : -')
    .nullish(),
});

const decisionBody = z.strictObject({
  decision: z.enum(
    ['approve', 'deny', 'edit', 'respond', 'answer', 'decline'],
    'Decide with "approve", "deny", "edit" or "respond"; answer a form with "answer" or "decline".',
  ),
  reason: z
    .string('A reason is a string.')
    .max(MAX_REASON_CHARS, 'Reasons hold at most 2,000 characters.')
    .nullish(),
  values: z.record(z.string(), z.unknown(), 'Values are a JSON object.').nullish(),
  arguments: z.record(z.string(), z.unknown(), 'Arguments are a JSON object.').nullish(),
  message: z
    .string('A message is a string.')
    .max(MAX_RESPONSE_CHARS, 'Messages hold at most 4,000 characters.')
    .nullish(),
});

/** Turns a verified chat request into an inbound message. Pure but for `newId`, which makes unique short ids. */
export function parseChat(request: ChatRequest, newId: () => string): Parsed<Inbound> {
  const body = chatBody.safeParse(request.body);
  if (!body.success) return { ok: false, fields: fieldErrors(body.error) };
  const { idempotencyKey, traceparent, author } = request;
  if (idempotencyKey !== undefined && !IDEMPOTENCY_KEY.test(idempotencyKey)) {
    return { ok: false, fields: { 'Idempotency-Key': ['A key has 1 to 255 visible ASCII characters.'] } };
  }
  const files = readFiles(body.data.files ?? []);
  if (!files.ok) return files;
  const id = body.data.thread_id ?? newId();
  const inbound: Inbound = {
    threadId:
      threadNamed(id, author.principal) ?? encodeThreadId({ principal: author.principal, id: newId() }),
    dedupeKeys: [dedupeKey(author, idempotencyKey ?? `once-${newId()}`)],
    author,
    text: storable(body.data.message),
    fingerprint: fingerprint(body.data),
    ...(files.value.length > 0 && { files: files.value }),
    ...(traceparent !== undefined && TRACEPARENT.test(traceparent) && { traceparent }),
  };
  return { ok: true, value: inbound };
}

/** Reads a decision about an approval. */
export function parseDecision(body: unknown): Parsed<DecisionRequest> {
  const parsed = decisionBody.safeParse(body);
  if (!parsed.success) return { ok: false, fields: fieldErrors(parsed.error) };
  const { decision, reason, values, arguments: args, message } = parsed.data;
  return {
    ok: true,
    value: {
      decision,
      ...(reason?.trim() && { reason: storable(reason.trim()) }),
      ...(values && { values }),
      ...(args && { arguments: args }),
      ...(message?.trim() && { message: storable(message.trim()) }),
    },
  };
}

function dedupeKey(author: Author, key: string): string {
  return `idem:${encodePart(author.principal)}:${encodePart(key)}`;
}

/** Over the meaning of the body, not its bytes: spaces and the order of its fields do not matter. */
function fingerprint({ message, thread_id, files }: z.infer<typeof chatBody>): string {
  const hash = createHash('sha256').update(JSON.stringify([message, thread_id ?? null]));
  for (const { name, media_type, data } of files ?? []) {
    hash.update(JSON.stringify([name, media_type, data.length])).update(data);
  }
  return hash.digest('base64url');
}

/** The files of a message, or what is wrong with each. */
function readFiles(given: readonly z.infer<typeof fileBody>[]): Parsed<readonly InboundFile[]> {
  const fields: Record<string, string[]> = {};
  const files = given.flatMap(({ name, media_type, data }, at) => {
    const checked = checkFile({ name, bytes: Buffer.from(data, 'base64') });
    if (!checked.ok) fields[`files.${at}.data`] = [checked.sentence];
    else if (checked.file.mediaType !== media_type)
      fields[`files.${at}.media_type`] = [`The data is ${checked.file.mediaType}, not ${media_type}.`];
    return checked.ok ? [checked.file] : [];
  });
  const fitting = fittingFiles(files);
  if (fitting.sentences.length > 0) fields.files = [...fitting.sentences];
  return Object.keys(fields).length > 0 ? { ok: false, fields } : { ok: true, value: fitting.files };
}

/** PostgreSQL stores neither NUL nor lone surrogates. */
function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\u{fffd}');
}

export function fieldErrors(error: z.ZodError): FieldErrors {
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
