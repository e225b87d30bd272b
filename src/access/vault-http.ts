import { readFile } from 'node:fs/promises';
import { type IncomingMessage, request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

/** Where Vault is. */
export interface VaultPlace {
  /** Its URL, without `/v1`. */
  readonly address: string;
  readonly namespace?: string;
  /** A PEM file of the only CAs that are trusted; read for each request, so it may be replaced. */
  readonly caFile?: string;
  /** How long one request may take. Default 5 s. */
  readonly timeoutMs?: number;
  /** The pause before the second attempt when Vault names none. Default 250 ms. */
  readonly pauseMs?: number;
}

export interface VaultCall {
  readonly method: 'GET' | 'POST';
  /** Below `/v1/`. */
  readonly path: string;
  readonly token?: string;
  readonly body?: Readonly<Record<string, string>>;
}

/** Any answer that a second attempt would not change. */
export interface VaultAnswer {
  readonly status: number;
  /** The JSON of the answer; undefined when it was something else. */
  readonly body: unknown;
}

/** Asks Vault, once more when that may help. Throws `VaultError`. */
export type AskVault = (call: VaultCall) => Promise<VaultAnswer>;

/** Vault cannot be asked, or did not do what it was asked: sentences that say what to do, without secrets. */
export class VaultError extends Error {
  override readonly name = 'VaultError';
}

/** Vault, or the way to it, fails for now. */
class PassingError extends VaultError {
  /** How long to wait before the next attempt. */
  readonly afterMs: number;

  constructor(message: string, afterMs: number, options?: ErrorOptions) {
    super(message, options);
    this.afterMs = afterMs;
  }
}

const maxBytes = 1024 * 1024;
const longestPauseMs = 2000;

/**
 * Vault's HTTP API (https://developer.hashicorp.com/vault/api-docs). Redirects are never followed: a
 * standby node sends clients to another origin, and a token must not go where nobody allowed it.
 */
export function createAskVault(place: VaultPlace): AskVault {
  return async (call) => {
    try {
      return await send(call, place);
    } catch (error) {
      if (!(error instanceof PassingError) || error.afterMs > longestPauseMs) throw error;
      await sleep(error.afterMs);
      return await send(call, place);
    }
  };
}

async function send(call: VaultCall, place: VaultPlace): Promise<VaultAnswer> {
  const { timeoutMs = 5000, pauseMs = 250 } = place;
  const ca = place.caFile === undefined ? undefined : await readCa(place.caFile);
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    const incoming = await exchange(call, place, { signal: limit, ca });
    const text = withoutSecrets(await textOf(incoming), call);
    const answer = { status: incoming.statusCode ?? 0, body: parseJson(text) };
    refuseRedirect(answer.status, incoming.headers.location);
    refusePassing(answer, waitOf(incoming.headers['retry-after']) ?? pauseMs);
    return answer;
  } catch (error) {
    if (error instanceof VaultError) throw error;
    if (limit.aborted)
      throw new VaultError(
        `Vault did not answer within ${timeoutMs / 1000} s. Check VAULT_ADDR and the network.`,
      );
    throw unreachable(error, pauseMs);
  }
}

async function readCa(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new VaultError(`VAULT_CACERT ${path} cannot be read. Name a PEM file that the bot may read.`, {
      cause,
    });
  });
}

interface Transport {
  readonly signal: AbortSignal;
  readonly ca: string | undefined;
}

function exchange(
  { method, path, token, body }: VaultCall,
  { address, namespace }: VaultPlace,
  { signal, ca }: Transport,
): Promise<IncomingMessage> {
  const url = new URL(`${address.replace(/\/+$/, '')}/v1/${path}`);
  const headers = {
    accept: 'application/json',
    'x-vault-request': 'true',
    ...(token === undefined ? {} : { 'x-vault-token': token }),
    ...(namespace === undefined ? {} : { 'x-vault-namespace': namespace }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  return new Promise((resolve, reject) => {
    const options = { method, headers, signal };
    const sent =
      url.protocol === 'https:'
        ? requestSecure(url, { ...options, ...(ca === undefined ? {} : { ca }) })
        : requestPlain(url, options);
    sent.once('response', resolve);
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const stream: AsyncIterable<Buffer> = incoming;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (bytes > maxBytes)
      throw new VaultError('Vault sent more than 1 MiB. Check that VAULT_ADDR and the path are right.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Nothing of what was sent in confidence comes back in an error. A login's answer holds other secrets. */
function withoutSecrets(text: string, { token, body }: VaultCall): string {
  const sent = [token, body?.secret_id, body?.jwt].filter((secret) => secret !== undefined && secret !== '');
  return sent.reduce<string>((masked, secret) => masked.replaceAll(secret ?? '', '***'), text);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refuseRedirect(status: number, location: string | undefined): void {
  if (status < 300 || status > 399) return;
  const to = URL.parse(location ?? '')?.origin ?? 'elsewhere';
  throw new VaultError(
    `Vault redirects to ${to}, where the bot does not follow with its token. Set VAULT_ADDR to the active node or to a load balancer that finds it.`,
  );
}

/** 412: a node that is behind the others. https://developer.hashicorp.com/vault/api-docs#http-status-codes */
function refusePassing(answer: VaultAnswer, afterMs: number): void {
  const { status } = answer;
  if (status < 500 && status !== 429 && status !== 412) return;
  throw new PassingError(passingSentence(answer, afterMs), afterMs);
}

function passingSentence(answer: VaultAnswer, afterMs: number): string {
  const { status } = answer;
  const words = wordsOf(answer);
  if (status === 503 && /sealed/i.test(words)) return 'Vault is sealed. Unseal it.';
  if (status === 503) return `Vault is not available (503${words}). Look at its health and its log.`;
  if (status === 429) {
    const wait = afterMs > longestPauseMs ? `; it asks to wait ${Math.ceil(afterMs / 1000)} s` : '';
    return `Vault takes no more requests for now (429${words})${wait}. Raise its rate limit if that goes on.`;
  }
  return `Vault failed (${status}${words}). Look at its log.`;
}

function waitOf(retryAfter: string | undefined): number | undefined {
  return /^\d{1,6}$/.test(retryAfter ?? '') ? Number(retryAfter) * 1000 : undefined;
}

const passingCodes = ['ECONNRESET', 'ECONNREFUSED', 'EPIPE'];
const codeSchema = z.object({ code: z.string() });

function unreachable(cause: unknown, pauseMs: number): VaultError {
  const code = codeSchema.safeParse(cause).data?.code ?? 'unknown network error';
  if (passingCodes.includes(code))
    return new PassingError(
      `Vault cannot be reached (${code}). Check VAULT_ADDR and whether it runs.`,
      pauseMs,
      { cause },
    );
  if (/CERT|SIGNATURE|ERR_TLS|SSL/.test(code))
    return new VaultError(
      `Vault’s TLS certificate is not trusted (${code}). Check VAULT_ADDR, and name its CA in VAULT_CACERT.`,
      { cause },
    );
  return new VaultError(`Vault cannot be reached (${code}). Check VAULT_ADDR and the network.`, { cause });
}

const errorsSchema = z.object({ errors: z.array(z.string()) });

/** What Vault says about an error, as the rest of a parenthesis; empty when it says nothing. */
export function wordsOf({ body }: VaultAnswer): string {
  const words = (errorsSchema.safeParse(body).data?.errors ?? []).join('; ').replaceAll(/\s+/g, ' ').trim();
  return words === '' ? '' : `: ${words.slice(0, 200)}`;
}
