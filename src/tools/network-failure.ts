import { z } from 'zod';

const codeSchema = z.object({ code: z.string() });

/** The system's code of a network error, or of what caused it. */
export function networkCode(error: unknown): string | undefined {
  const own = codeSchema.safeParse(error).data?.code;
  if (own !== undefined) return own;
  return error instanceof Error && error.cause !== undefined ? networkCode(error.cause) : undefined;
}

/** Why a server could not be reached and what to look at, as the rest of a sentence about it. */
export function networkFailure(error: unknown): string {
  const code = networkCode(error);
  if (code === undefined) return `the connection failed: ${saidOf(error)}`;
  const known = reasons[code];
  if (known !== undefined) return known;
  if (/^(?:EPROTO|ERR_SSL)/.test(code))
    return `it does not speak TLS as it should (${code}); check whether its URL should begin with http://`;
  if (/CERT|SIGNATURE|ERR_TLS/.test(code))
    return `its TLS certificate is not trusted (${code}); check its URL, or name its CA in NODE_EXTRA_CA_CERTS`;
  if (/^ERR_PROXY/.test(code))
    return `the proxy did not let it through (${code}); check HTTPS_PROXY and NO_PROXY`;
  return `it cannot be reached (${code})`;
}

const unresolved = 'its name cannot be resolved (DNS); check the host in its URL';
const unanswered = 'it did not accept a connection in time; check its URL and the firewall';
const cut = 'it cut the connection (ECONNRESET); check its log';

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED:
    'nothing listens at its address (ECONNREFUSED: connection refused); check its URL and whether it runs',
  ENOTFOUND: unresolved,
  EAI_AGAIN: unresolved,
  ETIMEDOUT: unanswered,
  UND_ERR_CONNECT_TIMEOUT: unanswered,
  ECONNRESET: cut,
  EPIPE: cut,
  EHOSTUNREACH: 'there is no route to its address (EHOSTUNREACH); check its URL and the network',
  ENETUNREACH: 'its network cannot be reached (ENETUNREACH); check its URL and the network',
};

function saidOf(error: unknown): string {
  if (!(error instanceof Error)) return 'nothing is known about why';
  return error.cause instanceof Error ? saidOf(error.cause) : error.message.slice(0, 200);
}
