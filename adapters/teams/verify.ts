import { type Activity, ConfigurationBotFrameworkAuthentication } from 'botbuilder';
import { AuthenticationConstants } from 'botframework-connector';
import { z } from 'zod';
import { at, isRecord, type Json, textOf } from '../../src/chat/json.ts';
import { isLocalRequest } from '../../src/chat/local-request.ts';
import type { RouteRequest } from '../../src/chat/route.ts';
import { isSafe } from '../../src/config/loopback.ts';
import type { TeamsSettings } from '../../src/config/teams.ts';
import { factoryOf } from './tokens.ts';

/** Whether a request comes from Teams. `later`: this could not be found out now. */
export type Verdict =
  | { readonly type: 'good' }
  | { readonly type: 'bad' | 'later'; readonly why: string; readonly error?: unknown };

/** What tells who sends something. */
export type Sender = Pick<RouteRequest, 'headers' | 'remoteAddress'>;

export type Verify = (sender: Sender, activity: Json) => Promise<Verdict>;

const withinMs = 5000;

export const activitySchema = z.custom<Activity>(isRecord);

/**
 * The Bot Connector signs for whom an activity is, and from where: what it says comes to `serviceUrl` alone,
 * and there the bot's own token goes later. Tokens of emulators and of other bots are no such thing.
 */
export function createVerify({ identity, openIdMetadataUrl }: TeamsSettings): Verify {
  if (identity.kind === 'anonymous') return async (sender, activity) => fromHere(sender, activity);
  const issuer = AuthenticationConstants.ToBotFromChannelTokenIssuer;
  const authentication = new ConfigurationBotFrameworkAuthentication(
    {
      ValidateAuthority: true,
      ToChannelFromBotLoginUrl: AuthenticationConstants.ToChannelFromBotLoginUrl,
      ToChannelFromBotOAuthScope: AuthenticationConstants.ToChannelFromBotOAuthScope,
      ToBotFromChannelTokenIssuer: issuer,
      OAuthUrl: AuthenticationConstants.OAuthUrl,
      ToBotFromChannelOpenIdMetadataUrl:
        openIdMetadataUrl ?? AuthenticationConstants.ToBotFromChannelOpenIdMetadataUrl,
      ToBotFromEmulatorOpenIdMetadataUrl: AuthenticationConstants.ToBotFromEmulatorOpenIdMetadataUrl,
      CallerId: 'urn:botframework:azure',
    },
    factoryOf(identity),
  );

  return async ({ headers: { authorization = '' } }, activity) => {
    if (activity.channelId !== 'msteams') return bad('it is of another channel');
    const serviceUrl = textOf(activity.serviceUrl);
    if (!URL.canParse(serviceUrl) || !isSafe(new URL(serviceUrl))) return bad('its serviceUrl is none');
    const [scheme, token = '', ...rest] = authorization.split(' ');
    if (scheme?.toLowerCase() !== 'bearer' || rest.length > 0) return bad('it has no token');
    if (issuerOf(token) !== issuer) return bad('its token is of another issuer');
    const late = timer(withinMs);
    try {
      const checked = authentication.authenticateRequest(activitySchema.parse(activity), `Bearer ${token}`);
      const result = await Promise.race([checked, late.promise]);
      if (result === undefined) return { type: 'later', why: 'the keys did not come in time' };
      const claim = result.claimsIdentity.getClaimValue(AuthenticationConstants.ServiceUrlClaim);
      return claim === serviceUrl ? { type: 'good' } : bad('its token is for another serviceUrl');
    } catch (error) {
      return isUnreachable(error)
        ? { type: 'later', why: 'the keys cannot be loaded', error }
        : { type: 'bad', why: error instanceof Error ? error.message : 'its token is not good', error };
    } finally {
      late.clear();
    }
  };
}

function bad(why: string): Verdict {
  return { type: 'bad', why };
}

/**
 * Without verification only programs of this machine are heard, and nothing is sent but to it. A web page in
 * somebody's browser is here too: it cannot keep its Origin back, nor send JSON without asking first, and one
 * whose name was turned to this machine still says that name.
 */
function fromHere(sender: Sender, activity: Json): Verdict {
  const { origin, host = '', 'content-type': type = '' } = sender.headers;
  if (!isLocalRequest(sender)) return bad('it does not come from this machine itself');
  if (origin !== undefined) return bad('a web page sent it');
  if (!/^application\/json\s*(;|$)/i.test(type)) return bad('it is not sent as JSON');
  if (!isHere(URL.parse(`http://${host}`))) return bad('it was sent to another name than this machine’s');
  if (!isHere(URL.parse(textOf(activity.serviceUrl)))) return bad('its serviceUrl is not on this machine');
  return { type: 'good' };
}

function isHere(url: URL | null): boolean {
  return url !== null && isSafe(new URL(`http://${url.host}`));
}

/** Of a token whose signature nobody checked yet. */
function issuerOf(token: string): string {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    return textOf(at(claims, 'iss'));
  } catch {
    return '';
  }
}

/** node-fetch's errors, and what botbuilder says when metadata or keys were answered with an error. */
function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === 'FetchError' || ('statusCode' in error && Number(error.statusCode) >= 500);
}

function timer(ms: number): { readonly promise: Promise<undefined>; readonly clear: () => void } {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timeout = setTimeout(() => resolve(undefined), ms);
  return { promise, clear: () => clearTimeout(timeout) };
}
