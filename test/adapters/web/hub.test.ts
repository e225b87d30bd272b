import { describe, expect, it } from 'vitest';
import { createHub } from '../../../adapters/web/hub.ts';
import { createNarrator } from '../../../adapters/web/narrate.ts';

const target = { threadId: 'web:a:t', turnId: 'turn-1', remember: async () => {} };

describe('the hub', () => {
  it('joins adjoining text, keeps the rest in order, and leaves reasoning out', () => {
    const hub = createHub();
    const preview = hub.open(target);
    preview.show({ type: 'text', text: 'a' });
    preview.show({ type: 'text', text: 'b' });
    preview.show({ type: 'reasoning', text: 'hm' });
    preview.show({ type: 'restart', reason: 'retry' });
    preview.show({ type: 'text', text: 'c' });
    expect(hub.current(target.threadId)?.entries).toEqual([
      { type: 'text', text: 'ab' },
      { type: 'restart', reason: 'retry' },
      { type: 'text', text: 'c' },
    ]);
  });

  it('says what a turn is busy with as an event of its own', () => {
    const hub = createHub();
    hub.open(target).show({ type: 'status', text: 'is checking the answer…' });
    const turn = hub.current(target.threadId);
    if (turn === undefined) throw new Error('there is no turn');
    const events = createNarrator(target.threadId).live(turn);
    expect(events).toContainEqual({
      event: 'status',
      data: { turn_id: 'turn-1', text: 'is checking the answer…' },
    });
  });

  it('forgets a turn when its preview closes, but not one that came after it', async () => {
    const hub = createHub();
    const first = hub.open(target);
    const second = hub.open({ ...target, turnId: 'turn-2' });
    await first.close();
    expect(hub.current(target.threadId)?.turnId).toBe('turn-2');
    await second.close();
    expect(hub.current(target.threadId)).toBeUndefined();
  });

  it('tells those who listen to the thread, until they leave', async () => {
    const hub = createHub();
    const heard: string[] = [];
    const leave = hub.listen(target.threadId, (stir) => heard.push(stir));
    hub.listen('web:a:other', () => heard.push('wrong thread'));
    const preview = hub.open(target);
    preview.show({ type: 'text', text: 'a' });
    leave();
    await preview.close();
    expect(heard).toEqual(['open', 'content']);
  });

  it('stops keeping content beyond its bound', () => {
    const hub = createHub(5);
    const preview = hub.open(target);
    preview.show({ type: 'text', text: '12345' });
    preview.show({ type: 'text', text: '6' });
    expect(hub.current(target.threadId)?.entries).toEqual([{ type: 'text', text: '12345' }]);
  });
});

describe('a narrator', () => {
  it('tells live content once, and what came meanwhile next time', () => {
    const hub = createHub();
    const preview = hub.open(target);
    const narrator = createNarrator('t');
    const tell = () => {
      const turn = hub.current(target.threadId);
      return turn
        ? narrator.live(turn).map(({ event, data }) => [event, 'text' in data ? data.text : ''])
        : [];
    };
    preview.show({ type: 'text', text: 'one' });
    expect(tell()).toEqual([
      ['turn', ''],
      ['text', 'one'],
    ]);
    expect(tell()).toEqual([]);
    preview.show({ type: 'text', text: ' two' });
    preview.show({ type: 'tool_start', callId: 'c', tool: 'x', arguments: '{}' });
    preview.show({ type: 'text', text: 'three' });
    expect(tell()).toEqual([
      ['text', ' two'],
      ['tool_start', ''],
      ['text', 'three'],
    ]);
  });

  it('tells a stored end once, and each change of an approval', () => {
    const narrator = createNarrator('t');
    const card = {
      id: 'a',
      tool: 'x',
      effect: 'write',
      arguments: '{}',
      askedBy: 'Ada',
      expiresAt: '2026-01-01T00:00:00Z',
    } as const;
    const turn = { id: 'turn-1', threadId: 'web:a:t', createdAt: '' } as const;
    const waiting = { ...turn, status: 'waiting', approvals: [{ ...card, state: 'pending' }] } as const;
    const approved = [{ ...card, state: 'approved' }] as const;
    const names = (view: Parameters<typeof narrator.stored>[0]) =>
      narrator.stored(view).map(({ event }) => event);
    expect(names(waiting)).toEqual(['turn', 'approval', 'final']);
    expect(names(waiting)).toEqual([]);
    expect(names({ ...turn, status: 'running', approvals: approved })).toEqual(['turn', 'approval']);
    expect(names({ ...turn, status: 'done', approvals: approved })).toEqual(['final']);
  });
});
