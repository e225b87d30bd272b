import type { ClientSecretCredentialOptions, TokenCredential } from '@azure/identity';
import type { ProviderError, ProviderErrorKind } from '../agent/provider.ts';
import { failure, kindOfStatus, retryAfterMs, transportFailure } from './failures.ts';
import type { EntraIdentity } from './vendor.ts';

export interface EntraOptions {
  /** Vendor and model, for errors. */
  readonly who: string;
  readonly identity: EntraIdentity;
  /** What tokens are for. */
  readonly scope: string;
  /** The client's secret. Absent: workload identity where there is a token file, else managed identity. */
  readonly secret: string | undefined;
}

type Sdk = typeof import('@azure/identity');
type PipelinePolicy = NonNullable<ClientSecretCredentialOptions['additionalPolicies']>[number]['policy'];

/**
 * Gives tokens of Microsoft Entra ID, a kept one while it is valid. Loads the SDK. Rejects with
 * `ProviderError`, at once when the identity is incomplete.
 */
export async function entraTokens(options: EntraOptions): Promise<() => Promise<string>> {
  const sdk = await import('@azure/identity');
  let credential = openCredential(sdk, options);
  return async () => {
    const { getToken, last } = credential;
    try {
      return await getToken();
    } catch (error) {
      // The SDK would refuse by itself for a while; when to ask again is for `resilient` to say.
      credential = openCredential(sdk, options);
      throw toFailure(options.who, error, last());
    }
  };
}

/** How the last request for a token went. */
interface Answer {
  readonly status?: number;
  readonly retryAfterMs?: number | undefined;
  /** There was no answer. */
  readonly error?: unknown;
}

function openCredential(sdk: Sdk, options: EntraOptions) {
  let answer: Answer = {};
  const listen = (heard: Answer) => {
    answer = heard;
  };
  const credential = chooseCredential(sdk, options, listening(listen));
  return {
    last: () => answer,
    async getToken(): Promise<string> {
      answer = {};
      const token = await credential.getToken(options.scope);
      if (token === null) throw new Error('it gave none.');
      return token.token;
    },
  };
}

/** The SDK's errors leave out what HTTP said. */
function listening(listen: (answer: Answer) => void): PipelinePolicy {
  return {
    name: 'listening',
    async sendRequest(request, next) {
      try {
        const response = await next(request);
        const headers = new Headers(response.headers.toJSON());
        listen({ status: response.status, retryAfterMs: retryAfterMs(headers) });
        return response;
      } catch (error) {
        listen({ error });
        throw error;
      }
    },
  };
}

function chooseCredential(
  sdk: Sdk,
  { who, identity, secret }: EntraOptions,
  policy: PipelinePolicy,
): TokenCredential {
  const { tenantId, clientId, tokenFile, authorityHost } = identity;
  const options = {
    retryOptions: { maxRetries: 0 },
    additionalPolicies: [{ policy, position: 'perRetry' as const }],
    // Another cloud's sign-in need not be vouched for by the public one.
    ...(authorityHost === undefined ? {} : { authorityHost, disableInstanceDiscovery: true }),
  };
  if (secret === undefined && tokenFile === undefined) {
    return new sdk.ManagedIdentityCredential({ ...options, ...(clientId === undefined ? {} : { clientId }) });
  }
  if (tenantId === undefined || clientId === undefined) throw failure(who, 'misconfigured', incomplete);
  if (secret !== undefined) return new sdk.ClientSecretCredential(tenantId, clientId, secret, options);
  const workload = { tenantId, clientId, ...(tokenFile === undefined ? {} : { tokenFilePath: tokenFile }) };
  return new sdk.WorkloadIdentityCredential({ ...options, ...workload });
}

const incomplete =
  'Signing in at Entra ID needs tenant_id and client_id, or AZURE_TENANT_ID and AZURE_CLIENT_ID.';

/** What the SDK throws, named by what Entra ID answered; without any answer the identity is not right. */
function toFailure(who: string, error: unknown, answer: Answer): ProviderError {
  const { status, retryAfterMs, error: lost } = answer;
  if (lost !== undefined) return transportFailure(who, lost, { otherwise: 'network', hint });
  const detail = firstLine(
    `No token from Microsoft Entra ID: ${error instanceof Error ? error.message : error}`,
  );
  if (status === undefined || status < 400) return failure(who, 'auth', detail, { cause: error });
  return failure(who, kindOf(status), detail, { status, retryAfterMs, cause: error });
}

const hint = 'Can the sign-in of Microsoft Entra ID be reached?';

/** It refuses clients, tenants and scopes with 400 as well as with 401. */
function kindOf(status: number): ProviderErrorKind {
  return status === 400 ? 'auth' : kindOfStatus(status);
}

function firstLine(text: string): string {
  return text.split(/\r?\n/)[0] ?? '';
}
