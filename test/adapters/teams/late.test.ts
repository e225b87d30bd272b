import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Person } from '../../../adapters/teams/context.ts';
import { sayLate } from '../../../adapters/teams/late.ts';
import { createPersonalChats } from '../../../adapters/teams/personal-chats.ts';
import { openParts, type Parts } from './parts.ts';

let at: Parts;
beforeEach(async () => {
  at = await openParts();
});
afterEach(async () => await at.close());

function never(): never {
  throw new Error('nothing was heard');
}

const words = 'This is approved already.';

it('says to who pressed what their client waits for no more, and nobody else reads it', async () => {
  const chats = createPersonalChats(at.memory);
  const context = { api: at.process().api, chats };
  const person: Person = {
    tenant: at.personal.tenant,
    aadObjectId: at.alice.aadObjectId,
    userId: at.alice.id,
    author: { principal: 'teams:t:alice', name: 'Alice' },
    permissions: new Set(['chat']),
    source: 'teams',
  };
  const pressed = { person, conversation: at.group };
  await sayLate(context, { ...pressed, signal: new AbortController().signal }, words);
  expect([...at.heard(at.group), ...at.heard(at.personal)]).toEqual([]);
  await chats.note(person, at.personal);
  await sayLate(context, { ...pressed, signal: AbortSignal.abort() }, words);
  expect(at.heard(at.personal)).toHaveLength(1);
  expect(at.people.look(at.alice, at.heard(at.personal)[0] ?? never()).words).toContain(words);
  expect(JSON.stringify(at.heard(at.group).map(({ activity }) => activity))).not.toContain('approved');
});
