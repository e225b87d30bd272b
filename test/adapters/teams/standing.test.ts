import { expect, it } from 'vitest';
import { TeamsCallError } from '../../../adapters/teams/call-error.ts';
import { createReferences } from '../../../adapters/teams/references.ts';
import { createStanding } from '../../../adapters/teams/standing.ts';
import { memoryInProcess } from '../../fakes/adapter-memory.ts';
import { silentLog } from '../../fakes/log.ts';

const serviceUrl = 'https://smba.example.com/emea/';

it('says in how many conversations the bot may not write, and of the newest few where', async () => {
  const memory = memoryInProcess();
  const references = createReferences({ memory, clock: Date });
  const standing = createStanding({ references, clock: Date, log: silentLog });
  const close = async (id: string) => {
    const place = { tenant: 't1', id };
    await references.note(place, { serviceUrl, recipient: { id: '28:bot' }, conversation: { id } });
    const error = new TeamsCallError('send', 'BotNotInConversationRoster', { isRefused: true, status: 403 });
    const to = { id, serviceUrl, botId: '28:bot' };
    await standing.refused(error, { place, to, tellsOfPlace: true });
  };
  await close('19:first@thread.v2');
  expect(standing.troubles()).toEqual([
    'The bot may not write in 1 conversation any more: 19:first@thread.v2 (BotNotInConversationRoster).',
  ]);
  for (let n = 0; n < 200; n += 1) await close(`19:room${n}@thread.v2`);
  await close('a:chat-of-alice');
  const [sentence = '', ...others] = standing.troubles();
  expect(others).toEqual([]);
  expect(sentence).toContain('in 202 conversations');
  expect(sentence).toContain('a personal chat (BotNotInConversationRoster), 19:room199@thread.v2');
  expect(sentence).toContain('199 more');
  expect(sentence).not.toContain('alice');
  expect(sentence.length).toBeLessThan(400);
});
