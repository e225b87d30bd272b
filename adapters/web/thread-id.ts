import type { Principal, ThreadId } from '../../src/chat/inbound.ts';

/** A web thread: the principal that it belongs to, and the short id by which that principal names it. */
export interface WebThread {
  readonly principal: Principal;
  readonly id: string;
}

/** The short ids that a client may choose: 1 to 128 characters of `A-Z a-z 0-9 . _ : -`. */
export const SHORT_ID = /^[A-Za-z0-9._:-]{1,128}$/;

/** `web:<principal>:<id>`, both parts encoded: never a pattern, and with a `:` after it never a prefix of another. */
export function encodeThreadId({ principal, id }: WebThread): ThreadId {
  return `web:${encodePart(principal)}:${encodePart(id)}`;
}

/** Undefined for everything that `encodeThreadId` does not make. */
export function decodeThreadId(threadId: ThreadId): WebThread | undefined {
  const [platform, principalPart, idPart, ...rest] = threadId.split(':');
  if (platform !== 'web' || !principalPart || !idPart || rest.length > 0) return undefined;
  const principal = decodePart(principalPart);
  const id = decodePart(idPart);
  if (principal === undefined || id === undefined || !SHORT_ID.test(id)) return undefined;
  return encodeThreadId({ principal, id }) === threadId ? { principal, id } : undefined;
}

/** The channel that everybody who may chat can read; its threads are no one person's. */
export const opsPrincipal = 'channel:ops';

const OPS_PREFIX = '@ops.';

/** What clients call a thread: its short id, or for one of the ops channel `@ops.` and that, which nobody can choose. */
export function publicId(thread: WebThread): string {
  return thread.principal === opsPrincipal ? `${OPS_PREFIX}${thread.id}` : thread.id;
}

/** The thread that a caller means by a name of it. Undefined: that is none. */
export function threadNamed(name: string, principal: Principal): ThreadId | undefined {
  const isOps = name.startsWith(OPS_PREFIX);
  const id = isOps ? name.slice(OPS_PREFIX.length) : name;
  return SHORT_ID.test(id) ? encodeThreadId({ principal: isOps ? opsPrincipal : principal, id }) : undefined;
}

/** Whether several people write in a thread. */
export function isShared(threadId: ThreadId): boolean {
  return decodeThreadId(threadId)?.principal === opsPrincipal;
}

/** Whether a thread is a caller's own, or everybody's. */
export function mayRead(threadId: ThreadId, principal: Principal): boolean {
  const owner = decodeThreadId(threadId)?.principal;
  return owner === principal || owner === opsPrincipal;
}

/** Percent-encodes a part so that it holds no `:` and no character of a glob pattern. */
export function encodePart(part: string): string {
  return encodeURIComponent(part.toWellFormed()).replaceAll('*', '%2A');
}

function decodePart(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
