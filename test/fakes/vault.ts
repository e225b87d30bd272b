import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import type { Clock } from '../../src/observe/port.ts';
import {
  type Answer,
  bodyOf,
  envelope,
  json,
  Refusal,
  refuse,
  send,
  stamp,
  withAuth,
} from './vault-answers.ts';

export interface FakeVaultOptions {
  readonly clock: Clock;
  /** The only namespace that holds anything; without it the root namespace does. */
  readonly namespace?: string;
  readonly tls?: { readonly key: Buffer; readonly cert: Buffer };
}

/** What a token may do and how long. */
export interface TokenTerms {
  /** 0 for ever. */
  readonly seconds: number;
  readonly renewable?: boolean;
  /** How old it may get, however often it is renewed. */
  readonly maxSeconds?: number;
  /** Without the default policy a token may not look at itself or renew itself. */
  readonly hasDefaultPolicy?: boolean;
}

/** Given instead of the right answer. */
export interface Fault {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface FakeVault {
  readonly url: string;
  /** Each request as `GET /v1/…`. */
  readonly requests: string[];
  readonly approle: { readonly mount: string; readonly roleId: string; secretId: string };
  readonly kubernetes: { readonly mount: string; readonly role: string; jwt: string };
  /** Of the tokens of logins to come. */
  terms: TokenTerms;
  sealed: boolean;
  /** Takes requests and never answers. */
  silent: boolean;
  /** Paths like `kv/data/bot` that no policy allows. */
  readonly forbidden: Set<string>;
  issue(token: string, terms: TokenTerms): void;
  /** All tokens. */
  revoke(): void;
  /** A new version at `mount/path`. */
  put(path: string, data: Readonly<Record<string, unknown>>): void;
  remove(path: string, how: 'deleted' | 'destroyed'): void;
  /** The next requests are answered so. */
  fail(...faults: readonly Fault[]): void;
  close(): Promise<void>;
}

interface Token extends TokenTerms {
  expiresAt: number;
  readonly maxAt: number;
}

interface Version {
  readonly data: Readonly<Record<string, unknown>> | null;
  readonly metadata: Readonly<Record<string, unknown>>;
}

const never = Number.POSITIVE_INFINITY;

/**
 * A strict double of Vault's HTTP API as HashiCorp documents it: status codes, headers, KV version 2,
 * token, AppRole and Kubernetes authentication (https://developer.hashicorp.com/vault/api-docs). It was
 * written from that documentation and never compared with a real Vault.
 */
export async function startVault({ clock, namespace, tls }: FakeVaultOptions): Promise<FakeVault> {
  const tokens = new Map<string, Token>();
  const versions = new Map<string, Version[]>();
  const faults: Fault[] = [];

  const listener: RequestListener = (request, response) => {
    answer(request)
      .catch((error: unknown) =>
        error instanceof Refusal ? error.answer : refuse(500, String(error)).answer,
      )
      .then((given) => given !== undefined && send(response, given));
  };

  async function answer(request: IncomingMessage): Promise<Answer | undefined> {
    const { method = '', url = '' } = request;
    vault.requests.push(`${method} ${url}`);
    const body = await bodyOf(request);
    if (vault.silent) return undefined;
    const fault = faults.shift();
    if (fault !== undefined)
      return { status: fault.status, headers: fault.headers ?? {}, text: fault.body ?? '{"errors":[]}' };
    if (request.headers['x-vault-request'] !== 'true')
      throw refuse(412, "missing required header 'X-Vault-Request: true'");
    if (vault.sealed) throw refuse(503, 'Vault is sealed');
    if (!url.startsWith('/v1/')) throw refuse(404);
    return json(200, route(`${method} ${url.slice('/v1/'.length)}`, request, body));
  }

  function route(asked: string, request: IncomingMessage, body: unknown): unknown {
    const isHere = request.headers['x-vault-namespace'] === namespace;
    if (asked === `POST auth/${vault.approle.mount}/login` && isHere) return approleLogin(body);
    if (asked === `POST auth/${vault.kubernetes.mount}/login` && isHere) return kubernetesLogin(body);
    const [id, token] = authenticate(request, isHere);
    if (asked === 'GET auth/token/lookup-self') return lookUp(id, token);
    if (asked === 'POST auth/token/renew-self') return renew(id, token, body);
    const secret = /^GET ([^?]+)$/.exec(asked)?.[1];
    if (secret === undefined) throw refuse(405, 'unsupported operation');
    return read(decodeURIComponent(secret));
  }

  function authenticate(request: IncomingMessage, isHere: boolean): readonly [string, Token] {
    const id = request.headers['x-vault-token'];
    const token = typeof id === 'string' ? tokens.get(id) : undefined;
    if (typeof id !== 'string' || token === undefined || !isHere || clock.now() >= token.expiresAt)
      throw refuse(403, '2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n');
    return [id, token];
  }

  function approleLogin(body: unknown): unknown {
    const given = z.strictObject({ role_id: z.string(), secret_id: z.string() }).parse(body);
    const { roleId, secretId } = vault.approle;
    if (given.role_id !== roleId || given.secret_id !== secretId)
      throw refuse(400, 'invalid role or secret ID');
    return logIn();
  }

  function kubernetesLogin(body: unknown): unknown {
    const given = z.strictObject({ role: z.string(), jwt: z.string() }).parse(body);
    const { role, jwt } = vault.kubernetes;
    if (given.role !== role) throw refuse(400, `invalid role name "${given.role}"`);
    if (given.jwt !== jwt) throw refuse(403, 'permission denied');
    return logIn();
  }

  function logIn(): unknown {
    const id = `hvs.${randomUUID()}`;
    vault.issue(id, vault.terms);
    return withAuth(id, vault.terms.seconds, vault.terms.renewable ?? false);
  }

  function lookUp(id: string, token: Token): unknown {
    if (token.hasDefaultPolicy === false) throw refuse(403, '1 error occurred:\n\t* permission denied\n\n');
    const ttl = token.expiresAt === never ? 0 : Math.floor((token.expiresAt - clock.now()) / 1000);
    const expires = ttl === 0 ? null : new Date(token.expiresAt).toISOString();
    const data = { id, accessor: 'a', creation_ttl: token.seconds, expire_time: expires, ttl };
    const rest = {
      num_uses: 0,
      orphan: true,
      path: 'auth/token/create',
      policies: ['default'],
      type: 'service',
    };
    return { ...envelope(), data: { ...data, ...rest, renewable: token.renewable ?? false } };
  }

  function renew(id: string, token: Token, body: unknown): unknown {
    z.strictObject({ increment: z.string().optional() }).parse(body);
    if (token.hasDefaultPolicy === false) throw refuse(403, '1 error occurred:\n\t* permission denied\n\n');
    if (token.renewable !== true) throw refuse(400, 'lease is not renewable');
    token.expiresAt = Math.min(clock.now() + token.seconds * 1000, token.maxAt);
    return withAuth(id, Math.floor((token.expiresAt - clock.now()) / 1000), true);
  }

  function read(path: string): unknown {
    if (vault.forbidden.has(path)) throw refuse(403, '1 error occurred:\n\t* permission denied\n\n');
    const found = /^(.+?)\/data\/(.+)$/.exec(path);
    const version = versions.get(`${found?.[1]}/${found?.[2]}`)?.at(-1);
    if (version === undefined) throw refuse(404);
    const whole = { ...envelope(), data: { data: version.data, metadata: version.metadata } };
    if (version.data === null) throw new Refusal(json(404, whole));
    return whole;
  }

  const server = tls === undefined ? createServer(listener) : createSecureServer(tls, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  const vault: FakeVault = {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    requests: [],
    approle: { mount: 'approle', roleId: 'role-of-the-bot', secretId: 'secret-id-of-the-bot' },
    kubernetes: { mount: 'kubernetes', role: 'ai-ops', jwt: 'jwt-of-the-pod' },
    terms: { seconds: 3600, renewable: true },
    sealed: false,
    silent: false,
    forbidden: new Set(),
    issue(id, terms) {
      const at = (seconds: number | undefined) =>
        seconds === undefined || seconds === 0 ? never : clock.now() + seconds * 1000;
      tokens.set(id, { ...terms, expiresAt: at(terms.seconds), maxAt: at(terms.maxSeconds) });
    },
    revoke: () => tokens.clear(),
    put(path, data) {
      const before = versions.get(path) ?? [];
      const metadata = { ...stamp(before.length + 1), deletion_time: '', destroyed: false };
      versions.set(path, [...before, { data, metadata }]);
    },
    remove(path, how) {
      const before = versions.get(path) ?? [];
      const gone =
        how === 'deleted'
          ? { deletion_time: '2026-03-01T10:00:00.5Z', destroyed: false }
          : { deletion_time: '', destroyed: true };
      versions.set(path, [
        ...before.slice(0, -1),
        { data: null, metadata: { ...stamp(before.length), ...gone } },
      ]);
    },
    fail: (...more) => void faults.push(...more),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return vault;
}
