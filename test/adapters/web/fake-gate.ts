import { ForbiddenError } from '../../../src/chat/errors.ts';
import type { Gate, Identity } from '../../../src/chat/identity.ts';

export interface FakeGate extends Gate {
  /** Makes a one-time sign-in token for somebody. */
  invite(name: string, permissions?: readonly string[]): string;
  /** Takes a session away, as an administrator would. */
  revoke(session: string): void;
  sessions(): readonly string[];
  /** Who was refused what. */
  readonly refused: readonly string[];
}

const PERMISSIONS = ['approve', 'chat'];

/** Knows the tokens `alice`, `bob` and `mute` (who may not chat), and the sessions that it opened. */
export function createFakeGate({ organisation }: Pick<Gate, 'organisation'> = {}): FakeGate {
  const invitations = new Map<string, Identity>();
  const sessions = new Map<string, Identity>();
  const refused: string[] = [];
  const tokens: Readonly<Record<string, Identity>> = {
    'Token alice': identity('token:alice', 'Alice', 'token', PERMISSIONS),
    'Token bob': identity('token:bob', 'Bob', 'token', PERMISSIONS),
    'Token mute': identity('token:mute', 'Mute', 'token', []),
  };
  return {
    invite(name, permissions = PERMISSIONS) {
      const token = `invitation-${invitations.size + sessions.size + 1}`;
      invitations.set(token, identity(`web:${name.toLowerCase()}`, name, 'session', permissions));
      return token;
    },
    revoke: (session) => void sessions.delete(session),
    sessions: () => [...sessions.keys()],
    refused,
    ...(organisation && { organisation }),
    sessionCookie: 'ai_ops_session',
    async identify({ method, headers, cookies }) {
      if (headers.authorization !== undefined) return tokens[headers.authorization];
      const known = sessions.get(cookies.ai_ops_session ?? '');
      const isOwnPage = method === 'GET' || headers.origin === `http://${headers.host}`;
      if (known && !isOwnPage) throw new ForbiddenError('Another site.', 'cross_site');
      return known;
    },
    denied({ identity: { author }, permission }) {
      refused.push(`${author.principal} ${permission}`);
    },
    async signIn(token) {
      const invited = invitations.get(token);
      if (!invited) return undefined;
      invitations.delete(token);
      const session = `session ${sessions.size + 1}`;
      sessions.set(session, invited);
      return { session, maxAgeSeconds: 3600 };
    },
    async signOut(session) {
      sessions.delete(session);
    },
  };
}

function identity(
  principal: string,
  name: string,
  via: Identity['via'],
  permissions: readonly string[],
): Identity {
  return { author: { principal, name }, via, permissions: new Set(permissions), groups: [] };
}
