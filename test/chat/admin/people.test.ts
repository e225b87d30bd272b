import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessStore } from '../../../src/store/access.ts';
import { type AdminStage, ada, openAdminStage, viewer, wordsOf } from './stage.ts';

let at: AdminStage;
beforeAll(async () => {
  at = await openAdminStage();
  for (const [principal, name, email] of [
    ['slack:T1:UALICE', 'Alice Ops', 'alice@acme.test'],
    ['teams:t1:0a1b', 'Alice (Teams)', 'alice@acme.test'],
    ['slack:T1:UBOB', 'Bob', 'bob@acme.test'],
    ['slack:T2:UBOB2', 'Bob', 'other.bob@acme.test'],
  ] as const)
    await accessStore(at.database.db).remember(
      { author: { principal, name }, groups: [], email, isVerified: true },
      new Date(),
    );
  await accessStore(at.database.db).remember(
    {
      author: { principal: 'web:eve', name: 'Eve' },
      groups: [],
      email: 'carol@acme.test',
      isVerified: false,
    },
    new Date(),
  );
}, 120_000);
afterAll(async () => await at.close());

const run = (line: string, by = ada) => at.admin.run(line, by);
const words = async (line: string, by = ada) => wordsOf(await run(line, by));
const errorsOf = async (line: string) => {
  const answer = await run(line);
  return answer?.type === 'form' ? answer.errors : {};
};

describe('a person who is given something', () => {
  it.each([
    ['an e-mail', 'ALICE@acme.test', 'teams:t1:0a1b', 'viewer', 'teams'],
    ['an e-mail', 'alice@acme.test', 'slack:T1:UALICE', 'operator', 'slack'],
    ['a name', '"alice ops"', 'slack:T1:UALICE', 'viewer', 'rest'],
    ['a name with an @ before it', '"@Alice Ops"', 'slack:T1:UALICE', 'approver', 'rest'],
    ['an id alone', 'UBOB2', 'slack:T2:UBOB2', 'viewer', 'rest'],
  ])('may be called by %s', async (_how, called, principal, role, source) => {
    const said = wordsOf(
      await at.admin.run(`grants add role=${role} principal=${called}`, { ...ada, source }),
    );
    expect(said).toContain(`${role} → ${principal}`);
    expect(said).not.toContain('never heard');
  });

  it('is asked for again where several are called so, or nobody', async () => {
    expect(await errorsOf('grants add role=viewer principal=Bob')).toEqual({
      principal: [
        expect.stringMatching(/^Several people are called “Bob”: slack:T.*UBOB.* or slack:T.*UBOB/),
      ],
    });
    expect(await errorsOf('grants add role=viewer principal=alic')).toEqual({
      principal: [expect.stringContaining('Did you mean teams:t1:0a1b (Alice (Teams), alice@acme.test) or')],
    });
    expect(await errorsOf('grants add role=viewer principal=sre')).toEqual({
      principal: [expect.stringMatching(/^Nobody I know is called “sre”.* A principal begins with one of/)],
    });
  });

  it('is not known by an e-mail that nobody vouches for', async () => {
    expect(await errorsOf('grants add role=viewer principal=carol@acme.test')).toEqual({
      principal: [expect.stringContaining('Did you mean web:eve')],
    });
  });

  it('whom the bot never saw is given it with a warning', async () => {
    expect(await words('grants add role=viewer principal=slack:T1:UNEW')).toMatch(
      /is made[\s\S]*⚠️ I have never heard from anybody with the id slack:T1:UNEW/,
    );
    expect(await words('grants add role=viewer principal=slack:T1:UNOBODY')).toContain(
      '⚠️ Slack knows nobody with the id slack:T1:UNOBODY',
    );
    expect(await words('grants add role=viewer principal=group:sre')).not.toContain('⚠️');
  });

  it('is told to nobody who may not give anything', async () => {
    expect(await words('grants add role=viewer principal=Bob', viewer)).not.toContain('UBOB2');
    await expect(at.desk.principals(viewer, 'Bob')).rejects.toThrow('may give');
  });

  it('may be mentioned by name in a schedule', async () => {
    const said = await words(
      'schedules add name=watched kind=monitor watches=queue cron="* * * * *" mention="Alice Ops, slack:T1:UBOB"',
    );
    expect(said).toContain('Mention: `slack:T1:UALICE, slack:T1:UBOB`');
  });
});

describe('those who may be chosen', () => {
  it('are people by name, and whoever is written as a principal', async () => {
    expect(await at.desk.principals(ada, 'alice')).toEqual([
      { value: 'teams:t1:0a1b', label: 'Alice (Teams) (alice@acme.test, Teams)' },
      { value: 'slack:T1:UALICE', label: 'Alice Ops (alice@acme.test, Slack)' },
    ]);
    await run('grants add role=viewer principal=group:night-shift');
    expect(await at.desk.principals(ada, 'night')).toEqual([
      { value: 'group:night-shift', label: 'group:night-shift' },
    ]);
    expect(await at.desk.principals(ada, 'group:new')).toEqual([{ value: 'group:new', label: 'group:new' }]);
  });
});

describe('a place', () => {
  it('may be a channel as it was mentioned, or by its name', async () => {
    const route = 'authentication=none format=json';
    const world = { targetProblem: () => undefined };
    const other = await openAdminStage({
      schedules: { ...at.resources.world.schedules, ...world },
    });
    try {
      for (const [n, target] of ['channel:slack:T1:COPS', '#ops'].entries()) {
        await other.admin.run(`alert-routes add name=r${n} target=${target} ${route}`, ada);
        expect(wordsOf(await other.admin.run(`alert-routes show r${n}`, ada))).toContain(
          '| Where to | slack:T1:COPS |',
        );
      }
      expect(await other.admin.run(`alert-routes add name=r3 target=#nowhere ${route}`, ada)).toMatchObject({
        errors: { target: [expect.stringContaining('I am in no channel that is called “#nowhere”')] },
      });
    } finally {
      await other.close();
    }
  });
});

describe('a time', () => {
  it('may be a day or a while from now, by the clocks of the bot, and is said back in words', async () => {
    await sql`insert into settings (name) values ('timezone')`.execute(at.database.db);
    await run('settings edit timezone value=Europe/Berlin');
    for (const [role, expires, told] of [
      ['viewer', '2027-01-31', 'Sun, 31 Jan 2027, 00:00 CET'],
      ['operator', '"in 2 weeks"', 'Sun, 6 Dec 2026, 13:00 CET'],
      ['approver', '30d', 'Tue, 22 Dec 2026, 13:00 CET'],
    ] as const)
      expect(await words(`grants add role=${role} principal=group:later expires=${expires}`)).toContain(
        `Expires: \`${told}\``,
      );
    expect(await words('grants list expires=2027-01-30T23:00:00Z')).toContain('viewer → group:later');
    expect(await errorsOf('grants add role=admin principal=group:later expires=soon')).toEqual({
      expires: [expect.stringContaining('tomorrow, 30d or in 2 weeks')],
    });
  });
});

describe('what is shared with everybody', () => {
  it('carries nothing to press but what opens it for oneself', async () => {
    const list = await run('grants share');
    expect(list).toMatchObject({ type: 'list', isPublic: true });
    expect(list?.type === 'list' ? list.rows.flatMap(({ buttons }) => buttons) : ['none']).toEqual([]);
    expect(list).toMatchObject({ buttons: [{ label: 'Open for me', line: 'grants' }] });
    expect(await run('roles add name=shared permissions=chat share')).toMatchObject({
      isPublic: true,
      buttons: [],
    });
    expect(await run('roles show shared share')).toMatchObject({
      buttons: [{ label: 'Open for me', line: 'roles show shared' }],
    });
    expect(await run('roles add share')).toMatchObject({ type: 'form', isPublic: false });
  });
});
