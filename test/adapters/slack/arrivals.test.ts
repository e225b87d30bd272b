import { describe, expect, it } from 'vitest';
import { createArrivals } from '../../../adapters/slack/arrivals.ts';

describe('what comes in another order than it happened', () => {
  const message = { team: 'T1', channel: 'C1', ts: '10.000001' };

  it('an edit before its message, and an older edit after a newer', () => {
    const arrivals = createArrivals();
    expect(arrivals.ahead(message)).toBeUndefined();
    expect(arrivals.edited(message, { editedTs: '12.000000', text: 'third' })).toBe(true);
    expect(arrivals.edited(message, { editedTs: '11.000000', text: 'second' })).toBe(false);
    expect(arrivals.ahead(message)).toEqual({ type: 'edited', text: 'third' });
  });

  it('a removal before its message or its edit', () => {
    const arrivals = createArrivals();
    arrivals.removed(message);
    expect(arrivals.ahead(message)).toEqual({ type: 'removed' });
    expect(arrivals.edited(message, { editedTs: '11.000000', text: 'second' })).toBe(false);
  });

  it('an older message after a newer one of the same thread', () => {
    const arrivals = createArrivals();
    expect(arrivals.isLate('thread', '10.000002')).toBe(false);
    expect(arrivals.isLate('thread', '10.000002')).toBe(false);
    expect(arrivals.isLate('thread', '10.000001')).toBe(true);
    expect(arrivals.isLate('other', '9.000000')).toBe(false);
    expect(arrivals.isLate('thread', '11.000000')).toBe(false);
  });
});
