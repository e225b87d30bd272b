import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { AlertFormat, AlertRoute } from './port.ts';

/** What a sender showed. */
export interface Shown {
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** A signature's time may be this far from ours. */
const skewMs = 5 * 60_000;

/** Whether a delivery shows that its sender knows the secret of the route. */
export function isProven(
  { format, authentication, timestampHeader }: AlertRoute,
  secret: string,
  shown: Shown,
): boolean {
  if (secret === '') return false;
  if (authentication === 'token') return holdsToken(shown.headers.authorization ?? '', secret);
  if (authentication !== 'signature') return false;
  return holdsSignature(format, { secret, timestampHeader: timestampHeader.toLowerCase(), ...shown });
}

/** `Bearer <secret>` (or `Token`), or `Basic` with the secret for a password or for `user:password`. */
function holdsToken(authorization: string, secret: string): boolean {
  const [, scheme = '', given = ''] = /^(\S+)\s+(\S+)\s*$/.exec(authorization) ?? [];
  if (/^(bearer|token)$/i.test(scheme)) return isSame(given, secret);
  if (!/^basic$/i.test(scheme)) return false;
  const pair = Buffer.from(given, 'base64').toString('utf8');
  const isPair = isSame(pair, secret);
  return isSame(pair.slice(pair.indexOf(':') + 1), secret) || isPair;
}

interface Signed extends Shown {
  readonly secret: string;
  readonly timestampHeader: string;
}

/** The header of each sender that carries HMAC-SHA256, in hex, of the body. */
const signatureHeaders: Readonly<Record<AlertFormat, string>> = {
  alertmanager: 'x-signature-256',
  grafana: 'x-grafana-alerting-signature',
  pagerduty: 'x-pagerduty-signature',
  json: 'x-signature-256',
};

/**
 * Grafana signs `<seconds>:<body>` where a header for the time is set. PagerDuty sends several signatures
 * while a secret is being replaced: `v1=…,v1=…`.
 */
function holdsSignature(
  format: AlertFormat,
  { headers, body, secret, timestampHeader, now }: Signed,
): boolean {
  const hmac = createHmac('sha256', secret);
  if (timestampHeader !== '') {
    const time = headers[timestampHeader] ?? '';
    if (!/^\d{1,12}$/.test(time) || Math.abs(Number(time) * 1000 - now) > skewMs) return false;
    hmac.update(`${time}:`);
  }
  const wanted = hmac.update(body).digest('hex');
  const signatures = (headers[signatureHeaders[format]] ?? '').split(',', 10).map((part) => part.trim());
  return signatures.some((part) => isSame(part.replace(/^(?:v1|sha256)=/i, '').toLowerCase(), wanted));
}

/** Takes the same time wherever they differ. */
function isSame(one: string, other: string): boolean {
  return timingSafeEqual(sha256(one), sha256(other));
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
