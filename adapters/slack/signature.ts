import { createHmac, timingSafeEqual } from 'node:crypto';

export interface Signed {
  /** `X-Slack-Signature` and `X-Slack-Request-Timestamp`. */
  readonly signature: string | undefined;
  readonly timestamp: string | undefined;
  readonly body: Buffer;
}

/** Older or newer than this, a request is refused: seconds. */
const tolerance = 300;

/** Whether Slack signed this body with our secret, a short while ago (https://docs.slack.dev/authentication/verifying-requests-from-slack). */
export function isFromSlack({ signature, timestamp, body }: Signed, secret: string, nowMs: number): boolean {
  if (signature === undefined || timestamp === undefined || !/^\d{1,12}$/.test(timestamp)) return false;
  if (Math.abs(nowMs / 1000 - Number(timestamp)) > tolerance) return false;
  const expected = createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest('hex');
  const [given, wanted] = [Buffer.from(signature), Buffer.from(`v0=${expected}`)];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
