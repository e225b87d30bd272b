import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Subject } from '../../src/access/port.ts';
import { databases, type TestDatabase } from '../fakes/database.ts';
import { type AccessStage, addToken, all, grant, openStage } from './stage.ts';

const hour = 3_600_000;

describe.each(Object.entries(databases))('rights on %s', (_kind, open) => {
  let database: TestDatabase;
  let stage: AccessStage;

  beforeAll(async () => {
    database = await open();
    stage = openStage(database, { admins: ['slack:T1:UBOSS', 'group:root'] });
    await sql`insert into tenants (name, platform, external_id, is_enabled)
      values ('Ours', 'slack', 'T1', true), ('Gone', 'slack', 'T2', false), ('Other', 'teams', 'T1', true)`.execute(
      database.db,
    );
  });
  afterAll(() => database.close());

  const rightsOf = async (subject: Subject) => [...(await stage.rights.rightsOf(subject))].sort();
  const member = (id: string, isMember = true) => ({ platform: 'slack', id, isMember }) as const;
  const operator = ['ai_ops.view_llmmodel', 'ai_ops.view_mcpserver', 'chat'];

  it('of a member of an allowed tenant are those of an operator', async () => {
    expect(await rightsOf({ principal: 'slack:T1:U1', tenant: member('T1') })).toEqual(operator);
  });

  it('of guests, of members of other tenants and of strangers are none', async () => {
    expect(await rightsOf({ principal: 'slack:T1:U1', tenant: member('T1', false) })).toEqual([]);
    expect(await rightsOf({ principal: 'slack:T2:U1', tenant: member('T2') })).toEqual([]);
    expect(await rightsOf({ principal: 'slack:T3:U1', tenant: member('T3') })).toEqual([]);
    expect(await rightsOf({ principal: 'slack:T1:U1' })).toEqual([]);
  });

  it('come from the person, their groups, the channel and the one tenant', async () => {
    await grant(database.db, 'slack:T1:U2', ['approve']);
    await grant(database.db, 'group:sre', ['ai_ops.view_role']);
    await grant(database.db, 'channel:slack:T1:C1', ['view_audit']);
    await grant(database.db, 'tenant:slack:T1', ['ai_ops.add_role']);
    const principal = 'slack:T1:U2';
    expect(await rightsOf({ principal })).toEqual(['approve']);
    expect(await rightsOf({ principal: 'slack:T1:U3', groups: ['sre', 'other'] })).toEqual([
      'ai_ops.view_role',
    ]);
    expect(await rightsOf({ principal: 'slack:T1:U3', groups: ['SRE'] })).toEqual([]);
    expect(await rightsOf({ principal: 'slack:T1:U3', channel: 'slack:T1:C1' })).toEqual(['view_audit']);
    expect(
      await rightsOf({ principal, groups: ['sre'], channel: 'slack:T1:C1', tenant: member('T1') }),
    ).toEqual([...operator, 'approve', 'view_audit', 'ai_ops.view_role', 'ai_ops.add_role'].sort());
    expect(await rightsOf({ principal, tenant: { platform: 'teams', id: 'T1', isMember: true } })).toEqual(
      [...operator, 'approve'].sort(),
    );
  });

  it('end when their grant expires', async () => {
    await grant(database.db, 'web:late', ['chat'], new Date(stage.clock.now() + hour));
    expect(await rightsOf({ principal: 'web:late' })).toEqual(['chat']);
    stage.pass(2 * hour);
    expect(await rightsOf({ principal: 'web:late' })).toEqual([]);
  });

  it('of admins are all, by principal or by group', async () => {
    expect(await rightsOf({ principal: 'slack:T1:UBOSS' })).toEqual([...all].sort());
    expect(await rightsOf({ principal: 'web:x', groups: ['root'] })).toEqual([...all].sort());
    expect(await rightsOf({ principal: 'web:x', channel: 'group:root' })).toEqual([]);
  });

  it('of wildcards are what there is', async () => {
    await grant(database.db, 'web:viewer', ['ai_ops.view_*', 'no.such.thing']);
    expect(await rightsOf({ principal: 'web:viewer' })).toEqual([
      'ai_ops.view_llmmodel',
      'ai_ops.view_mcpserver',
      'ai_ops.view_role',
    ]);
  });

  it('go with a role that is deleted', async () => {
    await grant(database.db, 'web:brief', ['chat']);
    await sql`delete from roles where id in (select role_id from grants where principal = 'web:brief')`.execute(
      database.db,
    );
    expect(await rightsOf({ principal: 'web:brief' })).toEqual([]);
  });

  describe('and people', () => {
    const see = (principal: string, email?: string, isVerified = true) =>
      stage.store.remember(
        {
          author: { principal, name: 'Ada' },
          groups: [],
          isVerified,
          ...(email === undefined ? {} : { email }),
        },
        new Date(stage.clock.now()),
      );
    const same = async (one: string, other: string) =>
      (await stage.store.principalsOf(one)).includes(other) &&
      (await stage.store.principalsOf(other)).includes(one);

    it('join by a verified e-mail, in any case of it', async () => {
      await see('slack:T1:ADA', 'Ada@Example.com');
      await see('web:idp:ada', 'ada@example.com');
      expect(await same('slack:T1:ADA', 'web:idp:ada')).toBe(true);
      await grant(database.db, 'slack:T1:ADA', ['approve']);
      expect(await rightsOf({ principal: 'web:idp:ada' })).toEqual(['approve']);
    });

    it('do not join by an e-mail that nobody vouches for, or by none', async () => {
      await see('web:idp:eve', 'ada@example.com', false);
      expect(await same('slack:T1:ADA', 'web:idp:eve')).toBe(false);
      expect(await rightsOf({ principal: 'web:idp:eve' })).toEqual([]);
      await see('web:idp:no1');
      await see('web:idp:no2');
      expect(await same('web:idp:no1', 'web:idp:no2')).toBe(false);
    });

    it('join when the e-mail is verified later, and stay where an admin put them', async () => {
      await see('slack:T1:BOB');
      await see('web:idp:bob', 'bob@example.com');
      expect(await same('slack:T1:BOB', 'web:idp:bob')).toBe(false);
      await see('slack:T1:BOB', 'bob@example.com');
      expect(await same('slack:T1:BOB', 'web:idp:bob')).toBe(true);
      await sql`update identities set person_id = (select person_id from identities where principal = 'slack:T1:ADA')
        where principal = 'slack:T1:BOB'`.execute(database.db);
      await see('slack:T1:BOB', 'bob@example.com');
      expect(await same('slack:T1:BOB', 'slack:T1:ADA')).toBe(true);
      expect(await same('slack:T1:BOB', 'web:idp:bob')).toBe(false);
    });

    it('are one when all their identities are seen at once for the first time', async () => {
      const many = Array.from({ length: 6 }, (_, n) => `slack:T${n}:CAT`);
      await Promise.all([...many, ...many].map((principal) => see(principal, 'cat@example.com')));
      expect([...(await stage.store.principalsOf('slack:T0:CAT'))].sort()).toEqual(many);
      const { rows } = await sql`select from people where email = 'cat@example.com'`.execute(database.db);
      expect(rows).toHaveLength(1);
    });

    it('count their tokens among themselves, which hold nothing of theirs', async () => {
      const id = await addToken(database.db, {
        name: 'of ada',
        hash: 'h-ada',
        createdBy: 'slack:T1:ADA',
      });
      expect(await same(`token:${id}`, 'web:idp:ada')).toBe(true);
      expect(await rightsOf({ principal: `token:${id}` })).toEqual([]);
    });

    it('are themselves alone when nobody knows more', async () => {
      expect(await stage.store.principalsOf('web:operator')).toEqual(['web:operator']);
    });

    it('own their tokens without an identity as well', async () => {
      const make = (name: string) =>
        addToken(database.db, { name, hash: `h-${name}`, createdBy: 'web:operator' });
      const [one, two] = [await make('one'), await make('two')];
      const everybody = ['web:operator', `token:${one}`, `token:${two}`].sort();
      for (const principal of everybody)
        expect([...(await stage.store.principalsOf(principal))].sort()).toEqual(everybody);
      const lost = await addToken(database.db, { name: 'of nobody', hash: 'h-nobody' });
      await addToken(database.db, { name: 'of nobody else', hash: 'h-nobody-else' });
      expect(await stage.store.principalsOf(`token:${lost}`)).toEqual([`token:${lost}`]);
    });

    const identity = async (principal: string) => {
      const { rows } = await sql<{
        id: string;
        person: string;
        email: string | null;
        name: string;
        changed: string;
      }>`
        select i.id, i.person_id as person, p.email, p.name, i.last_updated::text as changed
        from identities i join people p on p.id = i.person_id where i.principal = ${principal}`.execute(
        database.db,
      );
      if (rows[0] === undefined) throw new Error(principal);
      return rows[0];
    };
    const newPerson = async () => {
      const { rows } = await sql<{
        id: string;
      }>`insert into people (name) values ('New') returning id`.execute(database.db);
      return rows[0]?.id ?? '';
    };
    const place = (principal: string, person: string) =>
      sql`update identities set person_id = ${person}::uuid, is_placed = true
        where principal = ${principal}`.execute(database.db);

    it('leave a trace in the audit log when they come and when they join, and none when they return', async () => {
      const trail = async (target: string) => {
        const { rows } = await sql<{ action: string; actor: string; detail: unknown }>`
          select action, actor, detail from audit_log where target = ${target} order by id`.execute(
          database.db,
        );
        return rows;
      };
      await see('slack:T1:DAN');
      const alone = await identity('slack:T1:DAN');
      await see('web:idp:dan', 'dan@example.com');
      await see('slack:T1:DAN', 'dan@example.com');
      await see('slack:T1:DAN', 'dan@example.com');
      const joined = await identity('slack:T1:DAN');
      const person = { id: joined.person, name: 'Ada' };
      expect(await trail(`identities/${joined.id}`)).toEqual([
        {
          action: 'identities.create',
          actor: 'bot',
          detail: {
            name: 'slack:T1:DAN',
            after: { person: { id: alone.person, name: 'Ada' }, email: null, is_verified: true },
          },
        },
        {
          action: 'identities.change',
          actor: 'bot',
          detail: {
            name: 'slack:T1:DAN',
            before: { person: { id: alone.person, name: 'Ada' } },
            after: { person, email: 'dan@example.com', is_verified: true },
          },
        },
      ]);
      expect(joined.changed > alone.changed).toBe(true);
      await see('slack:T1:DAN', 'dan@example.com');
      expect((await identity('slack:T1:DAN')).changed).toBe(joined.changed);
    });

    it('leave a trace when a person gets the e-mail by which others will join', async () => {
      await see('slack:T1:FAY');
      await see('slack:T1:FAY', 'fay@example.com');
      const { person } = await identity('slack:T1:FAY');
      const { rows } = await sql`
        select action, detail from audit_log where target = ${`people/${person}`}`.execute(database.db);
      expect(rows).toEqual([
        {
          action: 'people.change',
          detail: { name: 'Ada', before: { email: null }, after: { email: 'fay@example.com' } },
        },
      ]);
    });

    it('stay parted when an administrator parted them', async () => {
      await see('web:idp:gus', 'gus@example.com');
      await see('slack:T1:GUS', 'gus@example.com');
      await place('slack:T1:GUS', await newPerson());
      await see('slack:T1:GUS', 'gus@example.com');
      expect(await same('slack:T1:GUS', 'web:idp:gus')).toBe(false);
      await see('teams:T1:GUS', 'gus@example.com');
      expect(await same('teams:T1:GUS', 'web:idp:gus')).toBe(true);
    });

    it('take their e-mail along when an administrator joins them, so that nobody joins who is left empty', async () => {
      await see('web:idp:hal', 'hal@example.com');
      await see('slack:T1:HAL');
      const [left, joined] = [await identity('web:idp:hal'), await identity('slack:T1:HAL')];
      await place('web:idp:hal', joined.person);
      expect(await identity('web:idp:hal')).toMatchObject({ email: 'hal@example.com' });
      const { rows } = await sql`select email from people where id = ${left.person}::uuid`.execute(
        database.db,
      );
      expect(rows).toEqual([{ email: null }]);
      await see('teams:T1:HAL', 'hal@example.com');
      expect(await same('teams:T1:HAL', 'slack:T1:HAL')).toBe(true);
    });

    it('keep their e-mail while one of their identities is left', async () => {
      await see('web:idp:ida', 'ida@example.com');
      await see('slack:T1:IDA', 'ida@example.com');
      await place('slack:T1:IDA', await newPerson());
      expect(await identity('web:idp:ida')).toMatchObject({ email: 'ida@example.com' });
      expect(await identity('slack:T1:IDA')).toMatchObject({ email: null });
    });
  });
});
