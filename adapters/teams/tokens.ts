import { ConfigurationServiceClientCredentialFactory } from 'botbuilder';
import { AuthenticationConstants } from 'botframework-connector';
import { at, textOf } from '../../src/chat/json.ts';
import type { TeamsIdentity, TeamsSettings } from '../../src/config/teams.ts';

/** The bot's tokens for the connector; remembered until they end. Throws `TokenError`. */
export type Tokens = () => Promise<string>;

/** No token was to be had. */
export class TokenError extends Error {
  override readonly name = 'TokenError';
  /** The credentials are wrong: asking again does not help. Else Microsoft could not be asked. */
  readonly isRefused: boolean;

  constructor(message: string, options: { readonly isRefused: boolean; readonly cause?: unknown }) {
    super(message, { cause: options.cause });
    this.isRefused = options.isRefused;
  }
}

type Known = Exclude<TeamsIdentity, { readonly kind: 'anonymous' }>;

/** The identity in botbuilder's own words. */
export function factoryOf(identity: Known): ConfigurationServiceClientCredentialFactory {
  const tenant = identity.tenantId === undefined ? {} : { MicrosoftAppTenantId: identity.tenantId };
  const common = { MicrosoftAppId: identity.appId, ...tenant };
  const MicrosoftAppType = identity.tenantId === undefined ? 'MultiTenant' : 'SingleTenant';
  switch (identity.kind) {
    case 'secret':
      return new ConfigurationServiceClientCredentialFactory({
        ...{ ...common, MicrosoftAppType, MicrosoftAppPassword: identity.password },
      });
    case 'certificate':
      return new ConfigurationServiceClientCredentialFactory({
        ...{ ...common, MicrosoftAppType, CertificateThumbprint: identity.thumbprint },
        CertificatePrivateKey: identity.privateKey,
      });
    case 'managed':
      return new ConfigurationServiceClientCredentialFactory({
        ...common,
        MicrosoftAppType: 'UserAssignedMSI',
      });
    default:
      return identity satisfies never;
  }
}

/** botbuilder's, or of the place that tests name. */
export function createTokens(identity: Known, loginUrl: TeamsSettings['loginUrl']): Tokens {
  if (loginUrl !== undefined) return tokensOf(identity, loginUrl);
  const factory = factoryOf(identity);
  let made: Promise<unknown> | undefined;
  return async () => {
    made ??= factory.createCredentials(
      identity.appId,
      AuthenticationConstants.ToChannelFromBotOAuthScope,
      AuthenticationConstants.ToChannelFromBotLoginUrl,
      true,
    );
    try {
      const credentials = await made;
      if (!isSource(credentials)) throw new Error('botbuilder gave credentials without a token.');
      return await credentials.getToken();
    } catch (cause) {
      throw new TokenError(message(cause), { isRefused: !isNetwork(cause), cause });
    }
  };
}

interface Source {
  getToken(): Promise<string>;
}

function isSource(value: unknown): value is Source {
  return typeof value === 'object' && value !== null && 'getToken' in value;
}

/** Words of MSAL, of Azure's identity library and of Node for what is no refusal. */
function isNetwork(error: unknown): boolean {
  const words = [at({ ...toRecord(error) }, 'errorCode'), at({ ...toRecord(error) }, 'code'), message(error)];
  return words.some((word) =>
    /network|endpoints_resolution|openid_config|timeout|ECONN|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ETIMEDOUT/i.test(
      textOf(word),
    ),
  );
}

function toRecord(error: unknown): object {
  return typeof error === 'object' && error !== null ? error : {};
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const timeoutMs = 5000;
const earlyMs = 5 * 60_000;

/** The grant of client credentials, as Entra ID answers it. */
function tokensOf(identity: Known, loginUrl: string): Tokens {
  let known = { token: '', until: 0 };
  const ask = async (): Promise<Response> => {
    const form = {
      grant_type: 'client_credentials',
      client_id: identity.appId,
      client_secret: identity.kind === 'secret' ? identity.password : '',
      scope: `${AuthenticationConstants.ToChannelFromBotOAuthScope}/.default`,
    };
    return await fetch(`${loginUrl}/oauth2/v2.0/token`, {
      method: 'POST',
      body: new URLSearchParams(form),
      signal: AbortSignal.timeout(timeoutMs),
      redirect: 'error',
    }).catch((cause: unknown) => {
      throw new TokenError('The place that gives tokens cannot be reached.', { isRefused: false, cause });
    });
  };
  return async () => {
    if (known.until > Date.now()) return known.token;
    const response = await ask();
    const body: unknown = await response.json().catch(() => undefined);
    const token = textOf(at(body, 'access_token'));
    if (!response.ok || token === '')
      throw new TokenError(`No token was given (${textOf(at(body, 'error')) || response.status}).`, {
        isRefused: response.status < 500,
      });
    const seconds = at(body, 'expires_in');
    const forMs = typeof seconds === 'number' ? seconds * 1000 : 0;
    known = { token, until: Date.now() + Math.max(0, forMs - earlyMs) };
    return token;
  };
}
