import { createCipher } from '../access/cipher.ts';
import { keyIn } from '../access/encryption-key.ts';
import type { SignIns as BotSignIns } from '../bot/port.ts';
import { type Config, ConfigError } from '../config.ts';
import type { AuditEntry, Clock, Log } from '../observe/port.ts';
import type { ConfigStore } from '../resources/port.ts';
import type { World } from '../resources/world.ts';
import type { Database } from '../store/database.ts';
import { oauthStore, recountIdentities } from '../store/oauth.ts';
import { guardedFetch } from '../tools/guarded-fetch.ts';
import { createAuthorizer } from '../tools/mcp/auth/authorizer.ts';
import { clientAt } from '../tools/mcp/auth/client.ts';
import type { SignInFlow, SignIns } from '../tools/mcp/auth/port.ts';
import { createSignIns, type IdentityChange } from '../tools/mcp/auth/sign-in.ts';
import type { createServerSet } from '../tools/servers.ts';

export interface SigningInOptions {
  readonly config: Config;
  readonly db: Database;
  readonly dataDir: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of this process. */
  readonly owner: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Where people reach the bot, without a slash at the end; asked when it is needed. */
  readonly publicUrl: () => string;
  readonly configs: Pick<ConfigStore, 'server'>;
  /** Asked when it is needed. */
  readonly servers: () => Pick<ReturnType<typeof createServerSet>, 'config'>;
  readonly changed: (change: IdentityChange) => void;
  readonly audit: (entry: AuditEntry) => void;
}

/** Answers of authorization servers are small and soon there. */
const authLimits = { maxBytes: 1024 * 1024, silentMs: 15_000 } as const;

const refusal =
  'Signing in to servers needs AI_OPS_ENCRYPTION_KEY, by which tokens are encrypted. Set it and start the bot again.';

/** Sign-in to MCP servers; outside LAB there is none without a key. Throws `ConfigError`. */
export async function createSigningIn(options: SigningInOptions) {
  const { config, db, owner, log, environment } = options;
  const keys = await keysOf(config, options.dataDir);
  const [first, ...rest] = keys;
  if (first === undefined) return { refusal, forWorld: unavailable, forBot: nowhere };
  const cipher = createCipher([first, ...rest]);
  await recountIdentities(db);
  const store = oauthStore(db, {
    cipher,
    unreadable: (what) => log.warn('secret_not_opened', { what }),
  });
  const fetchFor = guardedFetch({ environment, ...authLimits });
  const facts = () => clientAt(options.publicUrl());
  const signIns = createSignIns({
    ...{ store, fetchFor, facts, log },
    publicUrl: options.publicUrl,
    clock: options.clock,
    async server(id) {
      const row = await options.configs.server(id);
      return row === undefined ? undefined : await options.servers().config(row);
    },
    changed(change) {
      options.audit(auditOf(change));
      options.changed(change);
    },
  });
  return {
    refusal: undefined,
    /** Absent: there is no key. */
    cipher,
    signIns,
    authorizer: createAuthorizer({ store, fetchFor, facts, owner, log }),
    forWorld: forWorld(signIns),
    forBot: forBot(signIns, log),
  };
}

async function keysOf(config: Config, dataDir: string): Promise<readonly Buffer[]> {
  if (config.encryptionKeys.length > 0 || config.environment !== 'LAB') return config.encryptionKeys;
  return [
    await keyIn(dataDir).catch((error: unknown) => {
      throw new ConfigError([error instanceof Error ? error.message : String(error)]);
    }),
  ];
}

function auditOf({ type, serverId, identity, principal }: IdentityChange): AuditEntry {
  return {
    actor: principal ?? 'system:oauth',
    action: type === 'in' ? 'mcp-servers.signed_in' : 'mcp-servers.signed_out',
    target: `mcp-servers/${serverId}`,
    detail: { identity },
  };
}

function forWorld(signIns: SignIns & SignInFlow): World['signIns'] {
  return {
    refusal: () => undefined,
    link: (serverId, principal) => signIns.signInLink(serverId, principal),
    disconnect: (serverId, identity) => signIns.disconnect(serverId, identity),
  };
}

function forBot(signIns: SignIns, log: Log): BotSignIns {
  return {
    async link(serverId, { asker, opener }) {
      try {
        return (await signIns.signInLink(serverId, opener, asker)).url;
      } catch (error) {
        log.warn('no_sign_in_link', { server_id: serverId, error });
        return undefined;
      }
    },
  };
}

const nowhere: BotSignIns = { link: async () => undefined };

const unavailable: World['signIns'] = {
  refusal: () => refusal,
  link: async () => {
    throw new Error(refusal);
  },
  disconnect: async () => false,
};
