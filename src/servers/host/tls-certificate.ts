import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { z } from 'zod';
import { ForbiddenAddressError, resolveTarget } from './address.ts';
import { connectSecure, explainFailure, timeoutSeconds } from './connect.ts';
import { hostTool } from './tool.ts';

const dayMs = 86_400_000;

/** What certificate a server shows, how long it is valid, and whether it is trusted. */
export const tlsCertificate = hostTool({
  name: 'tls_certificate',
  title: 'TLS certificate',
  description:
    'The certificate that a TLS server shows: subject, issuer, names, validity, days left, and whether the host that the bot runs on trusts it or why not.',
  usesNetwork: true,
  input: z.object({
    host: z
      .string()
      .min(1)
      .max(253)
      .describe('Host name or IP address; also the name that is asked for and checked.'),
    port: z.number().int().min(1).max(65535).default(443),
    timeout_seconds: timeoutSeconds,
  }),
  output: z.object({
    subject: z.string(),
    issuer: z.string(),
    names: z.array(z.string()).describe('Subject alternative names.'),
    valid_from: z.string().describe('ISO 8601.'),
    valid_to: z.string().describe('ISO 8601.'),
    days_left: z.number().describe('Negative once expired.'),
    authorized: z.boolean(),
    authorization_error: z.string().optional().describe('Why it is not trusted.'),
    protocol: z.string(),
    fingerprint_sha256: z.string(),
    address: z.string(),
  }),
  run: async ({ host, port, timeout_seconds }, signal) => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeout_seconds * 1000)]);
    const socket = await open(host, port, limit).catch((error: unknown) => {
      signal.throwIfAborted();
      if (error instanceof ForbiddenAddressError) throw error;
      const { why } = explainFailure(error);
      throw new Error(`No certificate from ${host}:${port}: ${why}. Check that a TLS server listens there.`);
    });
    try {
      const data = describeSocket(socket, host, port);
      const trust = data.authorized
        ? 'trusted'
        : `NOT trusted (${data.authorization_error ?? 'unknown reason'})`;
      const text = `${host}:${port}: ${data.subject}, issued by ${data.issuer}, valid until ${data.valid_to} (${data.days_left} days left), ${trust}.`;
      return { data, text };
    } finally {
      socket.destroy();
    }
  },
});

async function open(host: string, port: number, signal: AbortSignal): Promise<TLSSocket> {
  const resolution = await resolveTarget(host, signal);
  if (resolution.type === 'unknown') throw new Error(resolution.why);
  return await connectSecure(resolution.target, { host, port }, signal);
}

function describeSocket(socket: TLSSocket, host: string, port: number) {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) throw new Error(`${host}:${port} speaks TLS but shows no certificate.`);
  const { authorizationError } = socket;
  return {
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    names: namesOf(certificate),
    valid_from: certificate.validFromDate.toISOString(),
    valid_to: certificate.validToDate.toISOString(),
    days_left: Math.floor((certificate.validToDate.getTime() - Date.now()) / dayMs),
    authorized: socket.authorized,
    ...(socket.authorized
      ? {}
      : { authorization_error: authorizationError?.message || String(authorizationError) }),
    protocol: socket.getProtocol() ?? 'unknown',
    fingerprint_sha256: certificate.fingerprint256,
    address: socket.remoteAddress ?? '',
  };
}

function namesOf(certificate: X509Certificate): string[] {
  const text = certificate.subjectAltName ?? '';
  return text === '' ? [] : text.split(', ').map((name) => name.replace(/^(DNS|IP Address):/, ''));
}

/** X509Certificate gives one attribute on each line. */
function oneLine(name: string | undefined): string {
  return (name ?? '').split('\n').join(', ');
}
