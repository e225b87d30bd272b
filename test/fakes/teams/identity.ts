import { base64url, exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { Json } from './json.ts';

/**
 * What is wrong with the token of a delivery. `foreign tenant` is a good token on an activity of another
 * tenant.
 */
export type TokenVariant =
  | 'good'
  | 'none'
  | 'wrong audience'
  | 'wrong issuer'
  | 'expired'
  | 'wrong serviceurl'
  | 'no serviceurl'
  | 'missing endorsement'
  | 'unknown key'
  | 'bad signature'
  | 'alg none'
  | 'foreign tenant';

export const issuer = 'https://api.botframework.com';

/** Who the connector is for the bot: its keys and the tokens that it signs. */
export interface Identity {
  /** False: metadata and keys cannot be loaded, the connection ends. */
  isReachable: boolean;
  /** How often metadata and keys were loaded. */
  readonly loaded: { metadata: number; keys: number };
  metadata(baseUrl: string): Json;
  keys(): Json;
  /** The Authorization header of a delivery; undefined for none. */
  authorization(variant?: TokenVariant): Promise<string | undefined>;
  /** From now on signs with a new key, and publishes that one alone. */
  rotate(): Promise<void>;
}

export interface IdentityOptions {
  readonly appId: string;
  readonly serviceUrl: () => string;
}

/** Tokens as the Bot Connector signs them: RS256, with keys that are endorsed for channels. */
export async function createIdentity({ appId, serviceUrl }: IdentityOptions): Promise<Identity> {
  let generation = 1;
  let pair = await generateKeyPair('RS256', { extractable: true });
  let jwk = await exportJWK(pair.publicKey);
  const kid = () => `connector-${generation}`;
  const otherKid = () => `other-channel-${generation}`;

  function claimsOf(variant: TokenVariant): Json {
    // The clock of the machine: this is what the bot compares with.
    const now = Math.floor(Date.now() / 1000);
    const isExpired = variant === 'expired';
    const url = variant === 'wrong serviceurl' ? 'https://elsewhere.example.com/' : serviceUrl();
    return {
      iss: variant === 'wrong issuer' ? 'https://issuer.example.com' : issuer,
      aud: variant === 'wrong audience' ? '99999999-9999-4999-8999-999999999999' : appId,
      nbf: isExpired ? now - 7200 : now - 60,
      exp: isExpired ? now - 3600 : now + 3600,
      ...(variant === 'no serviceurl' ? {} : { serviceurl: url }),
    };
  }

  async function token(variant: TokenVariant): Promise<string> {
    const claims = claimsOf(variant);
    if (variant === 'alg none') return unsigned({ alg: 'none', typ: 'JWT', kid: kid() }, claims);
    const chosen: Partial<Record<TokenVariant, string>> = {
      'missing endorsement': otherKid(),
      'unknown key': 'never-published',
    };
    const header = { alg: 'RS256', typ: 'JWT', kid: chosen[variant] ?? kid() };
    const signed = await new SignJWT(claims).setProtectedHeader(header).sign(pair.privateKey);
    return variant === 'bad signature' ? tampered(signed) : signed;
  }

  return {
    isReachable: true,
    loaded: { metadata: 0, keys: 0 },
    metadata: (baseUrl) => ({
      issuer,
      authorization_endpoint: 'https://invalid.botframework.com',
      jwks_uri: `${baseUrl}/v1/.well-known/keys`,
      id_token_signing_alg_values_supported: ['RS256'],
      token_endpoint_auth_methods_supported: ['private_key_jwt'],
    }),
    keys: () => ({
      keys: [
        { ...jwk, use: 'sig', kid: kid(), x5t: kid(), endorsements: ['msteams', 'skype', 'emulator'] },
        { ...jwk, use: 'sig', kid: otherKid(), x5t: otherKid(), endorsements: ['webchat'] },
      ],
    }),
    authorization: async (variant = 'good') =>
      variant === 'none' ? undefined : `Bearer ${await token(variant)}`,
    async rotate() {
      generation += 1;
      pair = await generateKeyPair('RS256', { extractable: true });
      jwk = await exportJWK(pair.publicKey);
    },
  };
}

/** A token that names a known key and is signed with none. */
function unsigned(header: Json, claims: Json): string {
  return `${[header, claims].map((part) => base64url.encode(JSON.stringify(part))).join('.')}.`;
}

/** The same token with another signature of the same length. */
function tampered(token: string): string {
  const [header, claims, signature = ''] = token.split('.');
  return [header, claims, [...signature].reverse().join('')].join('.');
}
