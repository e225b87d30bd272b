import type { Gate, Identity } from '../../../src/chat/identity.ts';

export interface FakeGate extends Gate {
  /** Makes a one-time sign-in token for somebody. */
  invite(name: string, permissions?: readonly string[]): string;
  /** Takes a session away, as an administrator would. */
  revoke(session: string): void;
  sessions(): readonly string[];
}

const PERMISSIONS = ['approve', 'chat'];

/** Knows the tokens `alice`, `bob` and `mute` (who may not chat), and the sessions that it opened. */
export function createFakeGate(): FakeGate {
  const invitations = new Map<string, Identity>();
  const sessions = new Map<string, Identity>();
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
    async authenticate({ authorization, session }) {
      if (authorization !== undefined) return tokens[authorization];
      return session === undefined ? undefined : sessions.get(session);
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
  return { author: { principal, name }, via, permissions: new Set(permissions) };
}
