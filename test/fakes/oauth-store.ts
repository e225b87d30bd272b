import type { JsonObject } from '../../src/agent/json.ts';
import type { IdentityKey, OAuthStore } from '../../src/tools/mcp/auth/port.ts';

interface Identity {
  value?: JsonObject;
  version: number;
  wantedScope: string;
  owner?: string;
  until?: number;
}

/** The store of tokens and clients in the memory of one process. */
export function memoryOAuthStore(): OAuthStore {
  const identities = new Map<string, Identity>();
  const clients = new Map<string, { value: JsonObject; version: number }>();
  const signIns = new Map<string, { value: JsonObject; expiresAt: Date }>();
  const nameOf = ({ serverId, identity }: IdentityKey) => `${serverId} ${identity}`;
  const of = (key: IdentityKey): Identity => {
    const known = identities.get(nameOf(key)) ?? { version: 0, wantedScope: '' };
    identities.set(nameOf(key), known);
    return known;
  };
  const signIn = (hash: string, now: Date) => {
    const found = signIns.get(hash);
    return found !== undefined && found.expiresAt > now ? found.value : undefined;
  };
  return {
    async tokens(key) {
      const { value, version, wantedScope } = of(key);
      return { wantedScope, ...(value === undefined ? {} : { tokens: { value, version } }) };
    },
    async saveTokens(key, value, version) {
      const known = of(key);
      if (version !== undefined && (known.value === undefined || version !== known.version)) return false;
      const wantedScope = version === undefined ? '' : known.wantedScope;
      Object.assign(known, { value, version: known.version + 1, wantedScope });
      return true;
    },
    async forgetTokens(key, version) {
      const known = of(key);
      if (known.value === undefined || (version ?? known.version) !== known.version) return false;
      delete known.value;
      known.version += 1;
      return true;
    },
    async want(key, scope) {
      of(key).wantedScope = scope;
    },
    async claim(key, owner, leaseMs) {
      const known = of(key);
      if ((known.until ?? 0) > Date.now()) return false;
      Object.assign(known, { owner, until: Date.now() + leaseMs });
      return true;
    },
    async release(key, owner) {
      if (of(key).owner === owner) of(key).until = 0;
    },
    async identities(serverId) {
      const signedIn = [...identities].filter(([, { value }]) => value !== undefined);
      return signedIn.flatMap(([name]) =>
        name.startsWith(`${serverId} `) ? [name.slice(serverId.length + 1)] : [],
      );
    },
    client: async (serverId) => clients.get(serverId),
    async saveClient(serverId, value) {
      clients.set(serverId, { value, version: (clients.get(serverId)?.version ?? 0) + 1 });
    },
    async forgetClient(serverId, version) {
      if (clients.get(serverId)?.version === version) clients.delete(serverId);
    },
    async addSignIn(hash, value, expiresAt) {
      signIns.set(hash, { value, expiresAt });
    },
    async spendSignIn(hash, now) {
      const found = signIn(hash, now);
      if (found !== undefined) signIns.delete(hash);
      return found;
    },
    signIn: async (hash, now) => signIn(hash, now),
  };
}
