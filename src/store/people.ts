import { sql } from 'kysely';
import type { Seen } from '../access/port.ts';
import type { AuditEntry } from '../observe/port.ts';
import { auditInsert } from './audit.ts';
import type { Executor } from './database.ts';
import { jsonList } from './granted.ts';
import { cleanText } from './json.ts';

/**
 * Notes an identity and whose it is, as `AccessStore.remember` says, within a transaction. Whatever
 * changes whose rights it shares is in the audit log. One at a time, so that two first sign-ins of one
 * person make one person.
 */
export async function remember(trx: Executor, seen: Seen, now: Date): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('ai_ops_people'))`.execute(trx);
  const before = await knownIdentity(trx, seen.author.principal);
  const person = await personOf(trx, seen, before);
  const id = await note(trx, { seen, now, personId: person.id });
  if (before !== undefined && before.person.id !== person.id)
    await sql`delete from people p where p.id = ${before.person.id}::uuid
      and not exists (select from identities where person_id = p.id)`.execute(trx);
  await auditInsert(trx, entriesOf({ id, seen, person, before }));
}

interface Person {
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
}

interface KnownIdentity {
  readonly person: Person;
  /** An administrator chose its person. */
  readonly isPlaced: boolean;
  /** It shares its person with none. */
  readonly isAlone: boolean;
}

/** Locked: nobody moves it meanwhile. */
async function knownIdentity(trx: Executor, principal: string): Promise<KnownIdentity | undefined> {
  const { rows } = await sql<KnownIdentity>`
    select jsonb_build_object('id', p.id, 'name', p.name, 'email', p.email) as person,
      i.is_placed as "isPlaced",
      (select count(*) = 1 from identities where person_id = p.id) as "isAlone"
    from identities i join people p on p.id = i.person_id
    where i.principal = ${principal} for update of i`.execute(trx);
  return rows[0];
}

async function personOf(trx: Executor, seen: Seen, before: KnownIdentity | undefined): Promise<Person> {
  const email = seen.isVerified ? seen.email?.toLowerCase() : undefined;
  if (before === undefined)
    return (await personWith(trx, email)) ?? (await newPerson(trx, nameOf(seen), email));
  const { person, isAlone, isPlaced } = before;
  if (email === undefined || isPlaced || !isAlone || person.email !== null) return person;
  return (await personWith(trx, email)) ?? (await giveEmail(trx, person, email));
}

async function personWith(trx: Executor, email: string | undefined): Promise<Person | undefined> {
  if (email === undefined) return undefined;
  const { rows } = await sql<Person>`select id, name, email from people where email = ${email}`.execute(trx);
  return rows[0];
}

async function newPerson(trx: Executor, name: string, email: string | undefined): Promise<Person> {
  const { rows } = await sql<{ id: string }>`
    insert into people (name, email) values (${name}, ${email ?? null}) returning id`.execute(trx);
  return { id: rows[0]?.id ?? '', name, email: email ?? null };
}

async function giveEmail(trx: Executor, person: Person, email: string): Promise<Person> {
  await sql`update people set email = ${email}, last_updated = clock_timestamp()
    where id = ${person.id}::uuid`.execute(trx);
  return { ...person, email };
}

interface Noted {
  readonly seen: Seen;
  readonly now: Date;
  readonly personId: string;
}

/** The identity's id. Its revision tells of nothing but whose it is: the rest changes with each sign-in. */
async function note(trx: Executor, { seen, now, personId }: Noted): Promise<string> {
  const { author, groups, email, isVerified, tenant } = seen;
  const { rows } = await sql<{ id: string }>`
    insert into identities as i (principal, person_id, name, email, is_verified, groups, tenant, last_seen)
    values (${author.principal}, ${personId}::uuid, ${nameOf(seen)}, ${email ?? null}, ${isVerified},
      ${jsonList(groups)}, ${tenant ?? null}, ${now})
    on conflict (principal) do update set person_id = excluded.person_id, name = excluded.name,
      email = excluded.email, is_verified = excluded.is_verified, groups = excluded.groups,
      tenant = excluded.tenant, last_seen = excluded.last_seen,
      last_updated = case when i.person_id = excluded.person_id then i.last_updated
        else greatest(clock_timestamp(), i.last_updated + interval '1 microsecond') end
    returning id`.execute(trx);
  return rows[0]?.id ?? '';
}

function nameOf({ author }: Seen): string {
  return cleanText(author.name).slice(0, 255);
}

interface Remembered {
  readonly id: string;
  readonly seen: Seen;
  readonly person: Person;
  readonly before: KnownIdentity | undefined;
}

/** What an administrator's change of the same would leave in the log; the bot did it by itself. */
function entriesOf({ id, seen, person, before }: Remembered): readonly AuditEntry[] {
  const target = `identities/${id}`;
  const name = seen.author.principal;
  const told = { email: seen.email ?? null, is_verified: seen.isVerified };
  const after = { person: { id: person.id, name: person.name } };
  if (before === undefined)
    return [
      { ...byBot, action: 'identities.create', target, detail: { name, after: { ...after, ...told } } },
    ];
  const old = before.person;
  if (old.id !== person.id) {
    const detail = { name, before: { person: { id: old.id, name: old.name } }, after: { ...after, ...told } };
    return [{ ...byBot, action: 'identities.change', target, detail }];
  }
  if (old.email === person.email) return [];
  const detail = { name: person.name, before: { email: old.email }, after: { email: person.email } };
  return [{ ...byBot, action: 'people.change', target: `people/${person.id}`, detail }];
}

const byBot = { actor: 'bot', source: 'sign-in' } as const;
