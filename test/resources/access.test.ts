import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGate } from '../../src/access/gate.ts';
import { createRights } from '../../src/access/rights.ts';
import { ChangedError, ConflictError, ForbiddenError, InvalidError } from '../../src/chat/errors.ts';
import type { Caller, Resource, Row } from '../../src/resources/definition.ts';
import { resources } from '../../src/resources/index.ts';
import { createResources, type Resources } from '../../src/resources/manage.ts';
import type { Changed } from '../../src/resources/write-row.ts';
import { accessStore } from '../../src/store/access.ts';
import { resourceStore } from '../../src/store/resources.ts';
import { signInStore } from '../../src/store/sign-ins.ts';
import { databases, type TestDatabase } from '../fakes/database.ts';
import { silentLog } from '../fakes/log.ts';
import { allPermissions, caller, fakeWorld } from '../fakes/world.ts';

const everything = { filters: [], order: [], limit: 100, offset: 0 } as const;
const ada = caller();
const operatorHolds = ['ai_ops.view_llmmodel', 'ai_ops.view_mcpserver'];
/** Manages access, but holds little. */
const clerk = caller(
  [
    'manage_access',
    'chat',
    ...['role', 'grant', 'apitoken', 'tenant', 'identity', 'person'].flatMap((suffix) =>
      ['view', 'add', 'change', 'delete'].map((verb) => `ai_ops.${verb}_${suffix}`),
    ),
  ],
  'Clerk',
);

describe.each(Object.entries(databases))('access as resources on %s', (_name, open) => {
  let database: TestDatabase;
  let manage: Resources;
  const clock = { now: () => Date.now() };

  beforeAll(async () => {
    database = await open();
    manage = createResources({
      resources,
      store: resourceStore(database.db, () => undefined),
      world: fakeWorld(),
    });
  });
  afterAll(() => database.close());

  const named = (path: string): Resource => {
    const resource = manage.named(path);
    if (resource === undefined) throw new Error(path);
    return resource;
  };
  const add = async (path: string, input: object, by: Caller = ada): Promise<Changed> => {
    const [made] = await manage.create(named(path), [input], by);
    if (made === undefined) throw new Error('nothing made');
    return made;
  };
  const change = async (path: string, { id }: Row, input: object, by: Caller = ada) =>
    (await manage.update(named(path), [{ id, input, isPartial: true }], by))[0]?.row;
  const wrong = async (doing: Promise<unknown>) => {
    const error = await doing.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    return error instanceof InvalidError ? error.fields : error;
  };
  const find = async (path: string, name: string) => {
    const { rows } = await manage.list(named(path), everything, ada);
    const row = rows.find((candidate) => candidate[named(path).nameField] === name);
    if (row === undefined) throw new Error(name);
    return row;
  };

  it('four roles are built in and stay as they are', async () => {
    const { rows } = await manage.list(named('roles'), everything, ada);
    expect(rows.map(({ name, is_builtin }) => [name, is_builtin])).toEqual([
      ['admin', true],
      ['approver', true],
      ['operator', true],
      ['viewer', true],
    ]);
    const [admin] = rows;
    if (admin === undefined) throw new Error('no role');
    expect(await wrong(change('roles', admin, { permissions: [] }))).toEqual({
      non_field_errors: ['A built-in role stays as it is. Make a role of your own.'],
    });
    await expect(manage.remove(named('roles'), [{ id: admin.id }], ada)).rejects.toThrow(ConflictError);
  });

  it('members of every allowed tenant are operators by a grant that can be taken away', async () => {
    const grant = await find('grants', 'tenant:*');
    expect(grant).toMatchObject({ role: { name: 'operator' } });
    await manage.remove(named('grants'), [{ id: grant.id }], ada);
    await add('grants', { role: 'operator', principal: 'tenant:*' });
  });

  it('a permission that is none is named', async () => {
    expect(
      await wrong(add('roles', { name: 'odd', permissions: ['ai_ops.view_rol', 'x.*', 'chat'] })),
    ).toEqual({
      permissions: [
        'There is no permission “ai_ops.view_rol”. Did you mean “ai_ops.view_role”?',
        'There is no permission “x.*”.',
      ],
    });
  });

  it.each(['**', 'ai_ops.**', 'CHAT', `${'*'.repeat(9)}!`])(
    'what is not written as a permission is refused: %j',
    async (permission) => {
      const refused = { permissions: [expect.stringContaining('single stars')] };
      expect(await wrong(add('roles', { name: 'odd', permissions: [permission] }))).toEqual(refused);
      expect(await wrong(add('api-tokens', { name: 'odd', permissions: [permission] }))).toEqual(refused);
    },
  );

  it.each([['manage_access'], ['ai_ops.add_role']])('changes need %s', async (permission) => {
    const some = caller([...allPermissions].filter((name) => name !== permission));
    const denied = await wrong(add('roles', { name: 'new' }, some));
    expect(denied).toBeInstanceOf(ForbiddenError);
    expect(String(denied)).toContain(permission);
  });

  it('nobody makes or widens a role beyond what they hold', async () => {
    expect(await wrong(add('roles', { name: 'sly', permissions: ['approve'] }, clerk))).toEqual({
      permissions: ['You do not hold this yourself, so you cannot give it: approve.'],
    });
    expect(await wrong(add('roles', { name: 'sly', permissions: ['*'] }, clerk))).toEqual({
      permissions: [expect.stringMatching(/cannot give it: approve, view_audit, .* and \d+ more\.$/)],
    });
    const { row } = await add('roles', { name: 'small', permissions: ['chat'] }, clerk);
    expect(await wrong(change('roles', row, { permissions: ['chat', 'view_audit'] }, clerk))).toEqual({
      permissions: [expect.stringContaining('view_audit')],
    });
    const wide = await add('roles', { name: 'wide', permissions: ['approve', 'chat'] });
    expect(
      await change('roles', wide.row, { description: 'Narrower.', permissions: ['approve'] }, clerk),
    ).toMatchObject({ permissions: ['approve'] });
  });

  it('nobody grants, moves or prolongs a role beyond what they hold', async () => {
    const beyond = { role: [expect.stringContaining('You do not hold this yourself')] };
    expect(await wrong(add('grants', { role: 'admin', principal: 'web:clerk' }, clerk))).toEqual(beyond);
    const { row } = await add('grants', {
      role: 'admin',
      principal: 'group:root',
      expires: '2030-01-01T00:00:00Z',
    });
    expect(await wrong(change('grants', row, { principal: 'token:admin' }, clerk))).toEqual(beyond);
    expect(await wrong(change('grants', row, { expires: null }, clerk))).toEqual(beyond);
    expect(
      await change('grants', row, { note: 'As is.', expires: '2030-01-01T01:00:00+01:00' }, clerk),
    ).toMatchObject({ note: 'As is.' });
    expect(await wrong(add('grants', { role: 'operator', principal: 'ada' }))).toEqual({
      principal: [expect.stringContaining('A principal begins with one of')],
    });
    expect(await wrong(add('grants', { role: 'admin', principal: 'group:root' }))).toMatchObject({
      non_field_errors: [expect.stringContaining('already')],
    });
  });

  it('a token is shown once, works, and is never read again', async () => {
    const made = await add('api-tokens', { name: 'ci', permissions: ['chat', 'approve'] });
    const token = String(made.reveal?.token);
    expect(token).toMatch(/^aiops_/);
    expect(made.row).toMatchObject({ hint: token.slice(0, 12), created_by: 'token:ada', is_enabled: true });
    const store = accessStore(database.db);
    const gate = createGate({
      signIns: signInStore(database.db),
      access: store,
      rights: createRights({ store, all: allPermissions, admins: [], clock }),
      clock,
      log: silentLog,
      audit: () => undefined,
      publicUrl: () => 'http://127.0.0.1',
    });
    const identity = await gate.identify({
      method: 'GET',
      headers: { authorization: `Token ${token}` },
      cookies: {},
      remoteAddress: '',
    });
    expect([...(identity?.permissions ?? [])].sort()).toEqual(['approve', 'chat']);
    const again = await change('api-tokens', made.row, { name: 'ci 2' });
    expect(again).toMatchObject({ name: 'ci 2', hint: made.row.hint });
    const { rows } = await sql<{ text: string }>`
      select t::text as text from api_tokens t union all select a::text from audit_log a`.execute(
      database.db,
    );
    expect(rows.map(({ text }) => text).join()).not.toContain(token);
  });

  it('nobody makes, widens or revives a token beyond what they hold', async () => {
    const beyond = { permissions: ['You do not hold this yourself, so you cannot give it: approve.'] };
    expect(await wrong(add('api-tokens', { name: 'sly', permissions: ['approve'] }, clerk))).toEqual(beyond);
    const { row } = await add('api-tokens', { name: 'off', permissions: ['approve'], is_enabled: false });
    expect(await wrong(change('api-tokens', row, { is_enabled: true }, clerk))).toEqual(beyond);
    expect(await wrong(change('api-tokens', row, { expires: '2030-01-01T00:00:00Z' }, clerk))).toEqual(
      beyond,
    );
    expect(await wrong(change('api-tokens', row, { name: 'trusted' }, clerk))).toEqual(beyond);
    expect(await change('api-tokens', row, { permissions: ['chat'] }, clerk)).toBeDefined();
    expect(await change('api-tokens', row, { is_enabled: true }, clerk)).toMatchObject({ is_enabled: true });
  });

  it('a token that a token made belongs to whoever made that one', async () => {
    const by = (principal: string): Caller => ({ ...ada, author: { principal, name: principal } });
    const operator = by('web:operator');
    const first = await add('api-tokens', { name: 'first', permissions: ['chat'] }, operator);
    const second = await add('api-tokens', { name: 'second' }, by(`token:${first.row.id}`));
    const third = await add('api-tokens', { name: 'third' }, by(`token:${second.row.id}`));
    await manage.remove(named('api-tokens'), [{ id: first.row.id }], ada);
    expect(third.row).toMatchObject({ created_by: 'web:operator' });
    const own = await accessStore(database.db).principalsOf(`token:${third.row.id}`);
    expect([...own].sort()).toEqual(
      ['web:operator', `token:${second.row.id}`, `token:${third.row.id}`].sort(),
    );
    const changed = await change('api-tokens', third.row, { name: 'third again' }, ada);
    expect(changed).toMatchObject({ created_by: 'web:operator' });
  });

  it('nobody lets a tenant in whose members then hold what they do not hold themselves', async () => {
    await add('grants', { role: 'admin', principal: 'tenant:slack:TBIG' });
    const small = caller([...clerk.permissions, ...operatorHolds], 'Clerk');
    const beyond = { is_enabled: [expect.stringContaining('You do not hold this yourself')] };
    const tenant = { name: 'Big', platform: 'slack', external_id: 'TBIG' };
    expect(await wrong(add('tenants', tenant, small))).toEqual(beyond);
    const { row } = await add('tenants', { ...tenant, is_enabled: false }, small);
    expect(await wrong(change('tenants', row, { is_enabled: true }, small))).toEqual(beyond);
    const other = await add('tenants', { name: 'Small', platform: 'slack', external_id: 'TSMALL' }, small);
    expect(await wrong(change('tenants', other.row, { external_id: 'TBIG2', name: 'x' }, clerk))).toEqual({
      is_enabled: [
        'You do not hold this yourself, so you cannot give it: ai_ops.view_llmmodel, ai_ops.view_mcpserver.',
      ],
    });
    await manage.remove(named('tenants'), [{ id: row.id }], ada);
    expect(await wrong(change('tenants', other.row, { external_id: 'TBIG' }, small))).toEqual(beyond);
    expect(await change('tenants', other.row, { name: 'Smaller' }, clerk)).toMatchObject({ name: 'Smaller' });
    expect(await change('tenants', other.row, { is_enabled: false }, clerk)).toMatchObject({
      is_enabled: false,
    });
    await add('tenants', tenant);
  });

  it('tenants are unique on their platform', async () => {
    const tenant = { name: 'Acme', platform: 'slack', external_id: 'T1' };
    await add('tenants', tenant);
    expect(await wrong(add('tenants', { ...tenant, name: 'Acme again' }))).toEqual({
      non_field_errors: [expect.stringContaining('already')],
    });
    await add('tenants', { ...tenant, name: 'Acme on Teams', platform: 'teams' });
    expect(await wrong(add('tenants', { name: 'x', platform: 'irc', external_id: 'a b' }))).toEqual({
      platform: ['Must be one of slack, teams.'],
      external_id: ['No spaces and no colons.'],
    });
  });

  it('only who holds all permissions joins two identities, which then are one person', async () => {
    const store = accessStore(database.db);
    for (const principal of ['slack:T1:U1', 'web:idp:1'])
      await store.remember({ author: { principal, name: 'Bo' }, groups: [], isVerified: false }, new Date());
    const [slack, web] = [await find('identities', 'slack:T1:U1'), await find('identities', 'web:idp:1')];
    expect(await wrong(change('identities', web, { person: slack.person }, clerk))).toEqual({
      person: [expect.stringContaining('only who holds all permissions')],
    });
    await change('identities', web, { person: slack.person });
    expect(await store.principalsOf('web:idp:1')).toContain('slack:T1:U1');
    expect(await wrong(change('identities', web, { person: 'nobody' }))).toEqual({
      person: [expect.stringContaining('There is no person “nobody”.')],
    });
  });

  it('only who holds all permissions makes people, to part identities for good', async () => {
    const store = accessStore(database.db);
    const see = (principal: string) =>
      store.remember(
        { author: { principal, name: 'Cy' }, groups: [], email: 'cy@example.com', isVerified: true },
        new Date(),
      );
    await see('slack:T1:CY');
    await see('web:idp:cy');
    expect(await wrong(add('people', { name: 'Cy the other' }, clerk))).toEqual({
      name: [expect.stringContaining('Only who holds all permissions')],
    });
    const { row: person } = await add('people', { name: 'Cy the other' });
    const web = await find('identities', 'web:idp:cy');
    expect(web).toMatchObject({ is_placed: false });
    expect(await change('identities', web, { person: person.id })).toMatchObject({ is_placed: true });
    await see('web:idp:cy');
    expect(await store.principalsOf('web:idp:cy')).toEqual(['web:idp:cy']);
    await expect(manage.remove(named('people'), [{ id: person.id }], ada)).rejects.toThrow(ConflictError);
    const { row: empty } = await add('people', { name: 'Nobody' });
    await manage.remove(named('people'), [{ id: empty.id }], clerk);
  });

  it('a change of an identity that joined meanwhile is refused', async () => {
    const store = accessStore(database.db);
    const see = (principal: string, email?: string) =>
      store.remember(
        {
          author: { principal, name: 'Di' },
          groups: [],
          isVerified: true,
          ...(email === undefined ? {} : { email }),
        },
        new Date(),
      );
    await see('slack:T1:DI');
    const before = await find('identities', 'slack:T1:DI');
    await see('web:idp:di', 'di@example.com');
    await see('slack:T1:DI', 'di@example.com');
    const { row: person } = await add('people', { name: 'Di the other' });
    const item = { id: before.id, input: { person: person.id }, isPartial: true };
    const moving = manage.update(named('identities'), [{ ...item, revision: String(before.revision) }], ada);
    await expect(moving).rejects.toThrow(ChangedError);
  });
});
