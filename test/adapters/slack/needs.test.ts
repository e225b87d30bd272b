import { afterAll, beforeAll, expect, it } from 'vitest';
import { cafeCall } from '../../bot/needs.ts';
import { until, whenConnected } from '../../bot/stage.ts';
import { type AskingServer, startAskingServer } from '../../fakes/asking-server.ts';
import { openSlackStage, type SlackStage, wordsOf } from './stage.ts';

let at: SlackStage;
let server: AskingServer;
beforeAll(async () => {
  server = await startAskingServer();
  const row = { name: 'cafe', protocol: 'http', url: server.url, is_trusted: true, mcp_type: 'internal' };
  at = await openSlackStage({ rows: [row], reply: () => ({ text: 'Ordered.' }) });
  await whenConnected(at.stage, 'cafe');
}, 240_000);
afterAll(async () => {
  await at.close();
  await server.close();
});

it('asks the asker alone for what a server wants to know, in a modal, and goes on with it', async () => {
  at.stage.llm.script(cafeCall('order', { bean: 'arabica' }));
  const { ts } = await at.people.mention(at.alice, { channel: at.ops }, 'coffee');
  const heard = () => at.people.heard({ channel: at.ops, thread: ts });
  const find = (action: string) => heard().find((message) => wordsOf(message).includes(action));
  await until(() => find('approval_approve') !== undefined || find('need_open') !== undefined);
  const approval = find('approval_approve');
  if (approval !== undefined) await at.people.click(at.bob, approval, 'approval_approve');
  await until(() => find('need_open') !== undefined);
  const need = find('need_open');
  if (need === undefined) throw new Error('nothing was asked');
  await at.people.click(at.bob, need, 'need_open');
  await until(() =>
    at.people.notices(at.bob, at.ops).some((notice) => wordsOf(notice).includes('person who asked')),
  );
  await at.people.click(at.alice, need, 'need_open');
  await until(() => at.people.modal(at.alice)?.view.callback_id === 'need_form');
  const modal = at.people.modal(at.alice);
  if (modal === undefined) throw new Error('no modal');
  expect(JSON.stringify(modal.view)).toContain('What you write here goes to cafe.');
  await at.people.submit(at.alice, modal, { size: 'l', count: '3', mail: 'alice@example.com' });
  await until(() => heard().some((message) => wordsOf(message).includes('Ordered.')));
  expect(JSON.stringify(server.answers)).toContain('"count":3');
  expect(wordsOf(need)).not.toContain('need_open');
});
