import { type Kysely, sql } from 'kysely';
import { type AccessGate, createGate, type GateOptions } from '../../src/access/gate.ts';
import { permissionNames } from '../../src/access/permissions.ts';
import { createRights, type Rights } from '../../src/access/rights.ts';
import type { Credentials, Identity } from '../../src/chat/identity.ts';
import type { AuditEntry } from '../../src/observe/port.ts';
import { accessStore } from '../../src/store/access.ts';
import { signInStore } from '../../src/store/sign-ins.ts';
import type { TestDatabase } from '../fakes/database.ts';
import { silentLog } from '../fakes/log.ts';

/** All permissions of these tests. */
export const all = permissionNames(['llmmodel', 'mcpserver', 'role']);

export interface AccessStage {
  readonly gate: AccessGate;
  readonly rights: Rights;
  readonly store: ReturnType<typeof accessStore>;
  readonly audited: readonly AuditEntry[];
  readonly clock: { now(): number };
  /** Moves time on. */
  pass(ms: number): void;
  /** Who sends a request with these headers, or with this session. */
  as(authorization: string): Promise<Identity | undefined>;
  inSession(session: string, request?: Partial<Credentials>): Promise<Identity | undefined>;
}

export type StageOptions = Partial<GateOptions> & { readonly admins?: readonly string[] };

/** A gate over a real database, with a clock of its own. */
export function openStage({ db }: Pick<TestDatabase, 'db'>, options: StageOptions = {}): AccessStage {
  let ahead = 0;
  const clock = { now: () => Date.now() + ahead };
  const audited: AuditEntry[] = [];
  const store = accessStore(db);
  const { admins = [], ...rest } = options;
  const rights = createRights({ store, all, admins, clock });
  const gate = createGate({
    signIns: signInStore(db),
    access: store,
    rights,
    clock,
    log: silentLog,
    audit: (entry) => void audited.push(entry),
    publicUrl: () => 'https://bot.example',
    ...rest,
  });
  const bare = { method: 'GET', headers: {}, cookies: {}, remoteAddress: '192.0.2.1' };
  return {
    gate,
    rights,
    store,
    audited,
    clock,
    pass: (ms) => {
      ahead += ms;
    },
    as: (authorization) => gate.identify({ ...bare, headers: { authorization } }),
    inSession: (session, request) =>
      gate.identify({ ...bare, cookies: { [gate.sessionCookie]: session }, ...request }),
  };
}

/** A role of these permissions for a principal. */
export async function grant(
  db: Kysely<unknown>,
  principal: string,
  permissions: readonly string[],
  expires?: Date,
): Promise<void> {
  await sql`
    with role as (
      insert into roles (name, permissions)
        values (gen_random_uuid()::text, ${JSON.stringify(permissions)}::jsonb) returning id
    )
    insert into grants (role_id, principal, expires) select id, ${principal}, ${expires ?? null}::timestamptz from role`.execute(
    db,
  );
}

/** An enabled token; its id. */
export async function addToken(
  db: Kysely<unknown>,
  token: {
    readonly name: string;
    readonly hash: string;
    readonly permissions?: readonly string[];
    readonly expires?: Date;
    readonly createdBy?: string;
  },
): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    insert into api_tokens (name, token_hash, permissions, expires, created_by)
    values (${token.name}, ${token.hash}, ${JSON.stringify(token.permissions ?? [])}::jsonb,
      ${token.expires ?? null}::timestamptz, ${token.createdBy ?? ''}) returning id`.execute(db);
  return rows[0]?.id ?? '';
}
