import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { z } from 'zod';
import type { Target } from './address.ts';

/** Why nothing came of a connection, in words and as a stable code. */
export interface Unreachable {
  readonly code: string;
  readonly why: string;
}

/** How long a check waits for its target, in seconds. */
export const timeoutSeconds = z.number().min(0.1).max(30).default(5);

/** A TCP connection, which the caller destroys. Rejects with the system's error, or the signal's reason. */
export function connectTcp(target: Target, port: number, signal: AbortSignal): Promise<Socket> {
  const socket = connect({ host: target.address, port, family: target.family });
  return settled(socket, 'connect', signal);
}

/** A TLS connection, which the caller destroys. Certificates that are not trusted are accepted and told. */
export function connectSecure(
  target: Target,
  options: { readonly host: string; readonly port: number },
  signal: AbortSignal,
): Promise<TLSSocket> {
  const servername = isIP(options.host) === 0 ? { servername: options.host } : {};
  const socket = connectTls({
    host: target.address,
    port: options.port,
    rejectUnauthorized: false,
    ...servername,
  });
  return settled(socket, 'secureConnect', signal);
}

/** A connection's error in words that say what to look at. */
export function explainFailure(error: unknown): Unreachable {
  const code =
    error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'FAILED';
  if (error instanceof Error && error.name === 'TimeoutError')
    return { code: 'TIMEOUT', why: 'it did not answer in time' };
  const said = error instanceof Error ? error.message : String(error);
  if (/CERT|SIGNATURE/.test(code))
    return { code, why: `its certificate is not trusted (${said}); tls_certificate tells more` };
  return { code, why: reasons[code] ?? said };
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens on that port (connection refused)',
  ECONNRESET: 'the connection was cut by the other side',
  EHOSTUNREACH: 'there is no route to the host',
  ENETUNREACH: 'the network cannot be reached',
  EPIPE: 'the connection was cut by the other side',
};

function settled<S extends Socket>(socket: S, event: string, signal: AbortSignal): Promise<S> {
  return new Promise((resolve, reject) => {
    const abort = () => socket.destroy(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    socket.once(event, () => {
      signal.removeEventListener('abort', abort);
      resolve(socket);
    });
    socket.once('error', reject);
    socket.on('error', () => {});
  });
}
