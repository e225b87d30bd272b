import { expect, it } from 'vitest';
import { noteMessage, turnOf } from '../../../adapters/teams/sent.ts';
import { encodeThreadId } from '../../../adapters/teams/thread-id.ts';
import { memoryInProcess } from '../../fakes/adapter-memory.ts';

it('tells the answers of several conversations apart, though Teams gives them the same id', async () => {
  const memory = memoryInProcess();
  const channel = { tenant: 't1', id: '19:ops@thread.tacv2;messageid=1' };
  const places = [
    { tenant: 't1', id: 'a:alice' },
    { tenant: 't1', id: 'a:bob' },
    { tenant: 't2', id: 'a:bob' },
    channel,
  ];
  for (const [n, place] of places.entries())
    await noteMessage(memory, {
      asking: { threadId: encodeThreadId(place), activityId: '7' },
      message: { type: 'message', text: 'Hi' },
      reply: { kind: 'answer', text: 'Hi', turnId: `turn-${n}` },
    });
  for (const [n, place] of places.entries())
    expect(await turnOf(memory, { place, id: '7' })).toBe(`turn-${n}`);
  // A channel counts the messages of its threads together, and reactions may name it alone.
  expect(await turnOf(memory, { place: { ...channel, id: '19:ops@thread.tacv2' }, id: '7' })).toBe('turn-3');
  expect(await turnOf(memory, { place: channel, id: '8' })).toBeUndefined();
});
