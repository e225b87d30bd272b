import { type IncomingMessage, request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import type { LookupFunction } from 'node:net';
import { resolveTarget, type Target } from './address.ts';
import type { Unreachable } from './connect.ts';

/** What one request found; the body itself is dropped. */
export interface Answer {
  readonly status: number;
  readonly statusText: string;
  readonly contentType: string | undefined;
  readonly location: string | undefined;
  readonly bodyBytes: number;
  /** The body is longer than is read. */
  readonly isCut: boolean;
  readonly address: string;
  readonly firstByteMs: number;
}

const maxBodyBytes = 1024 * 1024;
const maxHeaderBytes = 16 * 1024;

/**
 * One request to the address that the name stands for right now: the name is resolved once, the address
 * is judged, and the connection goes to exactly that address. Follows nothing. Rejects with the
 * connection's error, the signal's reason, or `ForbiddenAddressError`.
 */
export async function requestOnce(
  url: URL,
  method: 'GET' | 'HEAD',
  signal: AbortSignal,
): Promise<Answer | Unreachable> {
  const resolution = await resolveTarget(url.hostname, signal);
  if (resolution.type === 'unknown') return { code: 'UNRESOLVED', why: resolution.why };
  const { target } = resolution;
  const startedAt = performance.now();
  const response = await send(url, { method, target, signal });
  const firstByteMs = Math.round(performance.now() - startedAt);
  const body = await measure(response);
  return {
    status: response.statusCode ?? 0,
    statusText: response.statusMessage ?? '',
    contentType: response.headers['content-type'],
    location: response.headers.location,
    ...body,
    address: target.address,
    firstByteMs,
  };
}

function send(
  url: URL,
  {
    method,
    target,
    signal,
  }: { readonly method: string; readonly target: Target; readonly signal: AbortSignal },
): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? requestSecure : requestPlain;
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      method,
      signal,
      agent: false,
      lookup: pinned(target),
      family: target.family,
      maxHeaderSize: maxHeaderBytes,
      headers: { 'user-agent': 'ai-ops-bot', accept: '*/*' },
    });
    sent.once('response', resolve);
    sent.on('error', (error) => reject(signal.aborted ? signal.reason : error));
    sent.end();
  });
}

function pinned({ address, family }: Target): LookupFunction {
  return (_name, options, callback) => {
    if (options.all === true) callback(null, [{ address, family }]);
    else callback(null, address, family);
  };
}

async function measure(response: IncomingMessage): Promise<Pick<Answer, 'bodyBytes' | 'isCut'>> {
  let bodyBytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bodyBytes += chunk.length;
    if (bodyBytes > maxBodyBytes) {
      response.destroy();
      return { bodyBytes: maxBodyBytes, isCut: true };
    }
  }
  return { bodyBytes, isCut: false };
}
