import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** An answer as it is sent. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Thrown where the double refuses. */
export class Refusal extends Error {
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(answer.text);
    this.answer = answer;
  }
}

/** A refusal with Vault’s own words. */
export function refuse(status: number, ...errors: readonly string[]): Refusal {
  return new Refusal(json(status, { errors }));
}

/** An answer in JSON. */
export function json(status: number, body: unknown): Answer {
  return { status, headers: { 'content-type': 'application/json' }, text: JSON.stringify(body) };
}

/** Sends an answer, which is never to be cached. */
export function send(response: ServerResponse, { status, headers, text }: Answer): void {
  response.writeHead(status, { 'cache-control': 'no-store', ...headers }).end(text);
}

/** The JSON of a request. */
export async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? undefined : JSON.parse(text);
}

/** What every answer holds. */
export function envelope() {
  return {
    request_id: randomUUID(),
    lease_id: '',
    renewable: false,
    lease_duration: 0,
    data: null,
    wrap_info: null,
    warnings: null,
    auth: null,
  };
}

/** What a login and a renewal answer. */
export function withAuth(id: string, seconds: number, renewable: boolean) {
  const auth = {
    client_token: id,
    accessor: 'a',
    policies: ['bot', 'default'],
    token_policies: ['bot', 'default'],
  };
  const rest = { metadata: null, entity_id: '', token_type: 'service', orphan: true, num_uses: 0 };
  return { ...envelope(), auth: { ...auth, ...rest, lease_duration: seconds, renewable } };
}

/** The part of a version’s metadata that does not depend on its fate. */
export function stamp(version: number) {
  return { created_time: '2026-02-01T10:00:00.5Z', custom_metadata: null, version };
}
