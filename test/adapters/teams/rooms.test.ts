import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createRooms, type Rooms } from '../../../adapters/teams/rooms.ts';
import type { Conversation } from '../../../adapters/teams/thread-id.ts';
import type { Json } from '../../../src/chat/json.ts';
import { sre } from '../../fakes/teams/people-places.ts';
import { tenantId } from '../../fakes/teams/server.ts';
import { openParts, type Parts } from './parts.ts';

let at: Parts;
beforeAll(async () => {
  at = await openParts();
}, 60_000);
afterAll(async () => await at.close());
// What was asked before counts no more.
beforeEach(() => at.teams.skip(60_000));

/** As after a start: nothing is remembered but what is stored. */
const rooms = (): Rooms => {
  const clock = { now: () => at.teams.tenant.now() };
  return createRooms({ api: at.process().api, memory: at.memory, clock });
};
const inTeam = (more: Json = {}): Json => ({
  type: 'message',
  conversation: { conversationType: 'channel' },
  channelData: { channel: { id: at.channel.id }, team: { id: sre.id }, ...more },
});
const asked = () => at.teams.calls.filter(({ operation }) => operation === 'team').length;

describe('a channel', () => {
  it('is called by its name and its team, once an activity said in which team it is', async () => {
    const first = rooms();
    expect(await first.nameOf(at.channel)).toBeUndefined();
    await first.note({ ...at.channel, id: `${at.channel.id};messageid=1` }, inTeam());
    expect(await first.nameOf(at.channel)).toBe('incidents (SRE)');
    expect(await rooms().nameOf(at.channel)).toBe('incidents (SRE)');
  });

  it('is asked for once for all channels of a team, and anew when one of them was renamed', async () => {
    const known = rooms();
    const other: Conversation = { tenant: tenantId, id: at.people.channel('alerts', [at.alice]) };
    await known.note(other, inTeam());
    const before = asked();
    expect(await known.nameOf(at.channel)).toBe('incidents (SRE)');
    const once = asked() - before;
    expect(await known.nameOf(other)).toBe('alerts (SRE)');
    Object.assign(at.people.place(other.id), { name: 'alarms' });
    expect(await known.nameOf(other)).toBe('alerts (SRE)');
    expect(asked() - before).toBe(once);
    await known.note(at.channel, inTeam({ eventType: 'channelRenamed' }));
    expect(await known.nameOf(at.channel)).toBe('incidents (SRE)');
    expect(await known.nameOf(other)).toBe('alarms (SRE)');
  });

  it('whose name Teams leaves out is the General one', async () => {
    Object.assign(at.people.place(at.channel.id), { name: null });
    const known = rooms();
    expect(await known.nameOf(at.channel)).toBe('General (SRE)');
    Object.assign(at.people.place(at.channel.id), { name: 'incidents' });
  });

  it('has no name while Teams does not tell it, and is asked for again', async () => {
    const known = rooms();
    at.teams.faults.add('team', { type: 'error', status: 403, code: 'Forbidden', times: 2 });
    expect(await known.nameOf(at.channel)).toBeUndefined();
    at.teams.faults.clear();
    expect(await known.nameOf(at.channel)).toBe('incidents (SRE)');
  });
});

describe('a group chat', () => {
  it('is called as activities say', async () => {
    const known = rooms();
    expect(await known.nameOf(at.group)).toBeUndefined();
    await known.note(at.group, { conversation: { conversationType: 'groupChat', name: 'War room' } });
    await known.note(at.group, { conversation: { conversationType: 'groupChat' } });
    expect(await known.nameOf(at.group)).toBe('War room');
  });
});
