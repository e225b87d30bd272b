import { isLoopback } from './loopback.ts';

/** Variables as they came, but for empty ones. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** What is right by itself but not together. Reads the raw values, so that it speaks beside other problems. */
export function contradictions(variables: Variables): readonly string[] {
  const { HOST = '127.0.0.1', AI_OPS_ENV } = variables;
  const isOpen = isLoopback(HOST) ? undefined : 'HOST is not a loopback address';
  const isProd = AI_OPS_ENV === 'PROD' ? 'AI_OPS_ENV is PROD' : undefined;
  return [
    isOpen !== undefined &&
      AI_OPS_ENV === undefined &&
      `AI_OPS_ENV must be set to LAB, NONPROD or PROD, because ${isOpen}.`,
    ...anonymous(variables, isOpen ?? isProd),
  ].filter((problem) => problem !== false);
}

const shortestToken = 16;

/** `why`: what makes anonymous callers, and tokens that can be guessed, unacceptable. */
function anonymous({ AI_OPS_ADMIN_TOKEN, TEAMS_ALLOW_ANONYMOUS }: Variables, why: string | undefined) {
  if (why === undefined) return [];
  const isWeak = AI_OPS_ADMIN_TOKEN !== undefined && AI_OPS_ADMIN_TOKEN.length < shortestToken;
  const isAnonymous = /^(true|1|yes|on)$/i.test(TEAMS_ALLOW_ANONYMOUS ?? '');
  return [
    isWeak && `AI_OPS_ADMIN_TOKEN must have at least ${shortestToken} characters, because ${why}.`,
    isAnonymous && `TEAMS_ALLOW_ANONYMOUS must not be set, because ${why}.`,
  ];
}
