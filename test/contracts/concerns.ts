import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import type { Reply } from '../../src/chat/reply.ts';
import type { Notice } from '../../src/inbox/port.ts';
import { concernStore, resolveConcern, restateNotice } from '../../src/store/concerns.ts';
import { storeNotice } from '../../src/store/notices.ts';
import { openPostgresql } from '../../src/store/postgresql.ts';
import { until } from '../bot/stage.ts';
import { silentLog } from '../fakes/log.ts';
import type { Attention } from './platform.ts';

/** What needs attention, told on a platform by a bot on this database, and what people do about it there. */
export function concernContract(attention: () => Attention, databaseUrl: () => string): void {
  /** As whoever writes notices does it, in one transaction. */
  async function inTransaction(work: (trx: Parameters<typeof storeNotice>[0]) => Promise<unknown>) {
    const options = { url: databaseUrl(), log: silentLog, poolSize: 1, connectTimeoutMs: 5000 };
    const database = await openPostgresql(options);
    await database.db.transaction().execute(async (trx) => void (await work(trx)));
    await database.close();
  }

  const saying = (id: string, text: string): Reply => ({ kind: 'answer', text, turnId: id });

  async function tell(text: string): Promise<string> {
    const id = randomUUID();
    const notice: Notice = {
      ...attention().notice(),
      ...{ id, title: text, author: { principal: 'bot', name: 'AI Ops Bot' }, reply: saying(id, text) },
      concern: { subject: 'alert:1', items: [{ key: 'disk', verdict: 'critical' }] },
    };
    await inTransaction((trx) => storeNotice(trx, notice));
    await shows(text, /Acknowledge/);
    return id;
  }

  async function shows(text: string, drawn: RegExp): Promise<void> {
    await until(async () => drawn.test((await attention().shown(text)) ?? ''));
  }

  it('what needs attention is acknowledged by one, and whoever comes second hears who it was', async () => {
    const at = attention();
    const id = await tell('The first disk is full.');
    await at.attend('The first disk is full.', 'asker', 'acknowledge');
    await shows('The first disk is full.', new RegExp(`Acknowledged by ${at.names.asker}`));
    expect(await at.shown('The first disk is full.')).toMatch(/Reopen/);
    expect(await at.shown('The first disk is full.')).not.toMatch(/Acknowledge\b/);
    await at.attendLate(id, 'other');
    await until(async () => (await at.told('other')).includes(at.names.asker));
    await at.attend('The first disk is full.', 'other', 'reopen');
    await shows('The first disk is full.', /Acknowledge\b/);
    expect(await at.shown('The first disk is full.')).not.toContain(`by ${at.names.asker}`);
  });

  it('it is snoozed for as long as somebody says, by a button or by a word in its thread', async () => {
    const at = attention();
    await tell('The second disk is full.');
    await at.attend('The second disk is full.', 'asker', 'snooze');
    await shows('The second disk is full.', /Snoozed until/);
    await at.attend('The second disk is full.', 'asker', 'reopen');
    await shows('The second disk is full.', /Acknowledge\b/);
    await at.say('The second disk is full.', 'snooze 2h');
    await shows('The second disk is full.', /Snoozed until/);
  });

  it('who may not chat may not say anything to it, and is told so alone', async () => {
    const at = attention();
    await tell('The third disk is full.');
    await at.attend('The third disk is full.', 'stranger', 'acknowledge');
    await until(async () => (await at.told('stranger')).includes('permission'));
    expect(await at.shown('The third disk is full.')).toMatch(/Acknowledge\b/);
  });

  it('what is told elsewhere is attended to there, and its words are not given away here', async () => {
    const at = attention();
    const id = randomUUID();
    const place = { type: 'thread', threadId: `web:web%3Asomebody:${id}` } as const;
    await inTransaction((trx) =>
      storeNotice(trx, {
        ...{ id, place, platform: 'web', isPosted: false, title: 'Secret' },
        ...{ author: { principal: 'bot', name: 'AI Ops Bot' }, reply: saying(id, 'A secret disk is full.') },
        concern: { subject: 'alert:2', items: [] },
      }),
    );
    await tell('The seventh disk is full.');
    await at.attendAs('The seventh disk is full.', 'other', id);
    await until(async () => (await at.told('other')).includes('told in another conversation'));
    expect(await at.told('other')).not.toContain('secret');
    await inTransaction(async (trx) => {
      expect((await concernStore(trx).find(id))?.state).toBe('open');
    });
    expect(await at.shown('The seventh disk is full.')).toMatch(/Acknowledge\b/);
  });

  it('once it is over it says so in its own words, and nothing can be said to it', async () => {
    const at = attention();
    const id = await tell('The fourth disk is full.');
    await inTransaction((trx) =>
      resolveConcern(trx, id, Date.now(), saying(id, 'The fourth disk has room again.')),
    );
    await shows('The fourth disk has room again.', /Resolved/);
    expect(await at.shown('The fourth disk has room again.')).not.toMatch(/Acknowledge|Reopen/);
    expect(await at.shown('The fourth disk is full.')).toBeUndefined();
  });

  it('new words for a message that was deleted are posted nowhere', async () => {
    const at = attention();
    const [gone, there] = [await tell('The fifth disk is full.'), await tell('The sixth disk is full.')];
    await at.remove('The fifth disk is full.');
    for (const [id, text] of [
      [gone, 'The fifth disk is fuller.'],
      [there, 'The sixth disk is fuller.'],
    ] as const)
      await inTransaction((trx) => restateNotice(trx, id, saying(id, text), Date.now()));
    await shows('The sixth disk is fuller.', /Acknowledge\b/);
    expect(await at.shown('The fifth disk is fuller.')).toBeUndefined();
  });
}
