import { z } from 'zod';
import type { OrganisationIssuer } from './organisation.ts';
import type { Seen } from './port.ts';

/** What an issuer says about a person; https://openid.net/specs/openid-connect-core-1_0.html#StandardClaims */
export const claimsSchema = z.looseObject({
  sub: z.string().min(1).max(255),
  name: text(),
  preferred_username: text(),
  email: text(),
  // Some issuers write it as a text.
  email_verified: z.union([z.boolean(), z.stringbool()]).optional().catch(undefined),
});

type Claims = z.infer<typeof claimsSchema>;

function text() {
  return z.string().trim().min(1).max(320).optional().catch(undefined);
}

/**
 * What the ID token and the userinfo endpoint say of one person; the ID token is believed first. The
 * e-mail and whether it is verified are one statement: both come from the one that has the e-mail.
 */
export function together(idToken: unknown, userInfo: unknown): Readonly<Record<string, unknown>> {
  const [first, second] = [claimsSchema.parse(idToken), claimsSchema.parse(userInfo)];
  const { email, email_verified } = first.email === undefined ? second : first;
  return { ...said(second), ...said(first), email, email_verified };
}

function said(claims: Claims): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
}

/**
 * The person whom claims describe. The principal is `web:<host of the issuer>:<sub>`, encoded, so that
 * it is never `web:operator`, and that the same `sub` at another issuer is somebody else.
 */
export function seenOf(given: unknown, issuer: OrganisationIssuer): Seen {
  const claims = claimsSchema.parse(given);
  const { host } = new URL(issuer.url);
  return {
    author: {
      principal: `web:${encodeURIComponent(host)}:${encodeURIComponent(claims.sub)}`,
      name: claims.name ?? claims.preferred_username ?? claims.email ?? claims.sub,
    },
    groups: groupsOf(claims, issuer.groupsClaim),
    isVerified: claims.email !== undefined && claims.email_verified === true,
    ...(claims.email === undefined ? {} : { email: claims.email }),
  };
}

const maxGroups = 1000;

const groupList = z
  .union([z.array(z.unknown()), z.string().transform((name): readonly unknown[] => [name])])
  .transform((names) =>
    names
      .flatMap((name) => (typeof name === 'string' ? [name.trim()] : []))
      .filter(({ length }) => length > 0 && length <= 255)
      .slice(0, maxGroups),
  )
  .catch([]);

/** By the claim's whole name, which may have dots itself, or by a path into objects. */
function groupsOf(claims: Claims, claim: string): readonly string[] {
  return groupList.parse(claims[claim] ?? at(claims, claim.split('.')));
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, name) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, name)
        ? Reflect.get(inner, name)
        : undefined,
    value,
  );
}
