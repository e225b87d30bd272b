import { z } from 'zod';
import type { OrganisationIssuer } from '../access/organisation.ts';
import type { Variables } from './contradictions.ts';
import { optional, url } from './kinds.ts';
import { isLoopback, isSafe } from './loopback.ts';

const variables = {
  OIDC_ISSUER: url(['https:', 'http:'], 'https://login.example.com')
    .refine((value) => !URL.canParse(value) || isSafe(new URL(value)), {
      error: 'must begin with https:// unless it is on a loopback address',
    })
    .optional()
    .describe(
      'OpenID Connect issuer by which people sign in to the console. Its client returns to `<AI_OPS_PUBLIC_URL>/console/oidc/callback`.',
    ),
  OIDC_CLIENT_ID: z.string().optional().describe('The bot’s client there.'),
  OIDC_CLIENT_SECRET: z.string().optional().describe('Its secret. Without it the client is a public one.'),
  OIDC_SCOPES: z
    .string()
    .regex(/(^|\s)openid(\s|$)/, { error: 'must hold openid' })
    .default('openid email profile')
    .describe('What is asked of the issuer, separated by spaces.'),
  OIDC_GROUPS_CLAIM: z
    .string()
    .default('groups')
    .describe('The claim with a person’s groups, for grants to `group:<name>`; may be a path like `a.b`.'),
};

const schema = z.object(variables);
type Given = z.infer<typeof schema>;

/** What is right by itself but not together: an issuer and its client, and where people return to. */
function contradictions(env: Variables): readonly string[] {
  const isOpen = isLoopback(env.HOST ?? '127.0.0.1') ? undefined : 'HOST is not a loopback address';
  const { OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, AI_OPS_PUBLIC_URL } = env;
  if (OIDC_ISSUER === undefined) {
    const isHalf = OIDC_CLIENT_ID !== undefined || OIDC_CLIENT_SECRET !== undefined;
    return isHalf ? ['OIDC_ISSUER must be set, because there is a client for it.'] : [];
  }
  return [
    OIDC_CLIENT_ID === undefined && 'OIDC_CLIENT_ID must be set, because OIDC_ISSUER is.',
    isOpen !== undefined &&
      AI_OPS_PUBLIC_URL === undefined &&
      `AI_OPS_PUBLIC_URL must be set, because people return to it from OIDC_ISSUER and ${isOpen}.`,
  ].filter((problem) => problem !== false);
}

/** Undefined: people of the organisation do not sign in. */
function read(given: Given): OrganisationIssuer | undefined {
  const { OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET } = given;
  if (OIDC_ISSUER === undefined || OIDC_CLIENT_ID === undefined) return undefined;
  return {
    url: OIDC_ISSUER,
    clientId: OIDC_CLIENT_ID,
    scopes: given.OIDC_SCOPES,
    groupsClaim: given.OIDC_GROUPS_CLAIM,
    ...optional('clientSecret', OIDC_CLIENT_SECRET),
  };
}

/** The secrets among them. */
function secrets(issuer: OrganisationIssuer | undefined): readonly string[] {
  return [issuer?.clientSecret ?? ''];
}

/** All that the environment says of where people of the organisation sign in. */
export const organisationConfig = { variables, contradictions, read, secrets };
