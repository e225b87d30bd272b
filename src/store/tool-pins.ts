import { sql } from 'kysely';
import type { Pin, PinDecision, PinName, Pinned, PinStore } from '../tools/port.ts';
import { auditInsert } from './audit.ts';
import type { Database, Executor } from './database.ts';
import { toJson } from './json.ts';

/** What MCP servers say of themselves, and what was decided about it, in SQL. */
export function toolPins(db: Database): PinStore {
  return {
    async note(seen) {
      if (isKnown(seen, await read(db, seen.serverId))) return [];
      return (await changing(db, (trx) => note(trx, seen))).names;
    },
    of: (serverId) => read(db, serverId),
    accept: async (decision) => (await changing(db, (trx) => accept(trx, decision))).version,
    revoke: async (decision) => (await changing(db, (trx) => revoke(trx, decision))).version,
  };
}

type Seen = Parameters<PinStore['note']>[0];

interface Changed {
  /** What was decided about. */
  readonly names: readonly PinName[];
  /** Of the configuration; absent: nothing was decided. */
  readonly version?: number;
}

/** Whoever holds the row of the version is the only one who changes configuration. */
async function changing(
  db: Database,
  work: (trx: Executor) => Promise<readonly PinName[]>,
): Promise<Changed> {
  return await db.transaction().execute(async (trx) => {
    await sql`select version from config_version for update`.execute(trx);
    const names = await work(trx);
    if (names.length === 0) return { names };
    const { rows } = await sql<{ version: number }>`
      update config_version set version = version + 1 returning version`.execute(trx);
    return { names, ...(rows[0] ?? {}) };
  });
}

/** Most listings bring nothing new, and cost one query. */
function isKnown({ pinned, by }: Seen, known: readonly Pin[]): boolean {
  const before = new Map(known.map((pin) => [keyOf(pin), pin]));
  const listed = new Set(pinned.map(keyOf));
  const isSame = (one: Pinned) => {
    const pin = before.get(keyOf(one));
    return pin?.hash === one.hash && (by === undefined || decidedOf(pin).includes(one.hash));
  };
  return pinned.every(isSame) && known.every((pin) => listed.has(keyOf(pin)) || decidedOf(pin).length > 0);
}

function decidedOf({ acceptedHash, refusedHash }: Pin): readonly string[] {
  return [acceptedHash, refusedHash].filter((hash) => hash !== undefined);
}

function keyOf({ kind, name }: Pick<Pinned, 'kind' | 'name'>): string {
  return `${kind} ${name}`;
}

/** What was accepted by itself. */
async function note(trx: Executor, seen: Seen): Promise<readonly PinName[]> {
  const { serverId, pinned, by } = seen;
  await sql`
    insert into tool_pins as p (server_id, kind, name, hash, definition)
    select ${serverId}::uuid, s.kind, s.name, s.hash, s.definition from ${rowsOf(pinned)}
    where exists (select from mcp_servers where id = ${serverId}::uuid)
    on conflict (server_id, kind, name) do update
      set hash = excluded.hash, definition = excluded.definition, first_seen = now()
      where p.hash <> excluded.hash`.execute(trx);
  await forgetUnlisted(trx, seen);
  return by === undefined ? [] : await acceptUndecided(trx, { ...seen, by });
}

/** What a server no longer lists and nobody decided about is of no use: it cannot fill the table. */
async function forgetUnlisted(trx: Executor, { serverId, pinned }: Seen): Promise<void> {
  await sql`
    delete from tool_pins p
    where p.server_id = ${serverId}::uuid and p.accepted_hash is null and p.refused_hash is null
      and not exists (select from ${rowsOf(pinned)} where s.kind = p.kind and s.name = p.name)`.execute(trx);
}

/** What somebody took back stays so, also when a server says something else for a while. */
async function acceptUndecided(trx: Executor, decision: PinDecision): Promise<readonly PinName[]> {
  const { serverId, pinned, by } = decision;
  const { rows } = await sql<PinName>`
    update tool_pins p set accepted_hash = s.hash, accepted_definition = s.definition,
      decided_by = ${by.actor}, decided_at = now()
    from ${rowsOf(pinned)}
    where p.server_id = ${serverId}::uuid and p.kind = s.kind and p.name = s.name
      and p.accepted_hash is distinct from s.hash and p.refused_hash is distinct from s.hash
    returning p.kind, p.name, p.accepted_hash as hash`.execute(trx);
  return await written(trx, 'tool.accept', decision, rows);
}

async function accept(trx: Executor, decision: PinDecision): Promise<readonly PinName[]> {
  const { serverId, pinned, by } = decision;
  const { rows } = await sql<PinName>`
    insert into tool_pins as p
      (server_id, kind, name, hash, definition, accepted_hash, accepted_definition, decided_by, decided_at)
    select ${serverId}::uuid, s.kind, s.name, s.hash, s.definition, s.hash, s.definition, ${by.actor}, now()
    from ${rowsOf(pinned)} where exists (select from mcp_servers where id = ${serverId}::uuid)
    on conflict (server_id, kind, name) do update
      set accepted_hash = excluded.accepted_hash, accepted_definition = excluded.accepted_definition,
        refused_hash = nullif(p.refused_hash, excluded.accepted_hash), decided_by = excluded.decided_by, decided_at = excluded.decided_at
      where p.accepted_hash is distinct from excluded.accepted_hash
    returning p.kind, p.name, p.accepted_hash as hash`.execute(trx);
  return await written(trx, 'tool.accept', decision, rows);
}

async function revoke(trx: Executor, decision: PinDecision): Promise<readonly PinName[]> {
  const { serverId, pinned, by } = decision;
  const { rows } = await sql<PinName>`
    insert into tool_pins as p
      (server_id, kind, name, hash, definition, refused_hash, decided_by, decided_at)
    select ${serverId}::uuid, s.kind, s.name, s.hash, s.definition, s.hash, ${by.actor}, now()
    from ${rowsOf(pinned)} where exists (select from mcp_servers where id = ${serverId}::uuid)
    on conflict (server_id, kind, name) do update
      set accepted_hash = null, accepted_definition = null, refused_hash = excluded.refused_hash,
        decided_by = excluded.decided_by, decided_at = excluded.decided_at
      where p.accepted_hash is not null or p.refused_hash is distinct from excluded.refused_hash
    returning p.kind, p.name, p.refused_hash as hash`.execute(trx);
  return await written(trx, 'tool.revoke', decision, rows);
}

/** Writes down who decided about what, in the transaction of the decision. */
async function written(
  trx: Executor,
  action: 'tool.accept' | 'tool.revoke',
  { serverId, server, by }: PinDecision,
  rows: readonly PinName[],
): Promise<readonly PinName[]> {
  if (rows.length === 0) return rows;
  const tools = rows.flatMap(({ kind, name, hash }) => (kind === 'tool' ? [{ name, hash }] : []));
  const instructions = rows.find(({ kind }) => kind === 'instructions')?.hash;
  const detail = { name: server, tools, ...(instructions === undefined ? {} : { instructions }) };
  await auditInsert(trx, [{ ...by, action, target: `mcp-servers/${serverId}`, detail }]);
  return rows;
}

function rowsOf(pinned: readonly Pinned[]) {
  return sql`jsonb_to_recordset(${toJson(pinned)}::jsonb)
    as s (kind text, name text, hash text, definition jsonb)`;
}

type Columns = Omit<
  Pin,
  'acceptedHash' | 'acceptedDefinition' | 'refusedHash' | 'decidedBy' | 'decidedAt'
> & {
  readonly acceptedHash: string | null;
  readonly acceptedDefinition: Pin['definition'] | null;
  readonly refusedHash: string | null;
  readonly decidedBy: string | null;
  readonly decidedAt: Date | null;
};

async function read(db: Executor, serverId: string): Promise<readonly Pin[]> {
  const { rows } = await sql<Columns>`
    select kind, name, hash, definition, first_seen as "firstSeen", accepted_hash as "acceptedHash",
      accepted_definition as "acceptedDefinition", refused_hash as "refusedHash", decided_by as "decidedBy",
      decided_at as "decidedAt"
    from tool_pins where server_id = ${serverId}::uuid order by kind, name`.execute(db);
  return rows.map(pinOf);
}

/** What is not set is absent. */
function pinOf({
  acceptedHash,
  acceptedDefinition,
  refusedHash,
  decidedBy,
  decidedAt,
  ...pin
}: Columns): Pin {
  return {
    ...pin,
    ...(acceptedHash === null ? {} : { acceptedHash }),
    ...(acceptedDefinition === null ? {} : { acceptedDefinition }),
    ...(refusedHash === null ? {} : { refusedHash }),
    ...(decidedBy === null ? {} : { decidedBy }),
    ...(decidedAt === null ? {} : { decidedAt }),
  };
}
