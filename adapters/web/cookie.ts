export interface CookieOptions {
  readonly value: string;
  /** 0 takes it away. */
  readonly maxAgeSeconds: number;
  /** `Lax` comes along when another site leads here; `Strict` does not. */
  readonly sameSite: 'Strict' | 'Lax';
  /** True when people reach the bot over https. */
  readonly secure: boolean;
}

/** A `set-cookie` header that no script can read. */
export function cookie(name: string, { value, maxAgeSeconds, sameSite, secure }: CookieOptions): string {
  const parts = [
    `${name}=${encodeURIComponent(value)}`,
    'HttpOnly',
    `SameSite=${sameSite}`,
    'Path=/',
    `Max-Age=${Math.floor(maxAgeSeconds)}`,
  ];
  return [...parts, ...(secure ? ['Secure'] : [])].join('; ');
}
