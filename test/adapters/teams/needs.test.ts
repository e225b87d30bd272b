import { afterAll, beforeAll, expect, it } from 'vitest';
import { cafeCall } from '../../bot/needs.ts';
import { until, whenConnected } from '../../bot/stage.ts';
import { type AskingServer, startAskingServer } from '../../fakes/asking-server.ts';
import { openTeamsStage, type TeamsStage } from './stage.ts';

let at: TeamsStage;
let server: AskingServer;
beforeAll(async () => {
  server = await startAskingServer();
  const row = { name: 'cafe', protocol: 'http', url: server.url, is_trusted: true, mcp_type: 'internal' };
  at = await openTeamsStage({ rows: [row], reply: () => ({ text: 'Ordered.' }) });
  await whenConnected(at.stage, 'cafe');
}, 240_000);
afterAll(async () => {
  await at.close();
  await server.close();
});

/** Alice orders; who decides lets the call run; then she alone is asked for what the café wants to know. */
async function asked() {
  at.stage.llm.script(cafeCall('order', { bean: 'arabica' }));
  const { conversation } = await at.people.mention(at.alice, at.ops, 'coffee');
  const withButton = (title: string) =>
    at.people
      .heard(conversation)
      .find((message) => at.people.look(at.alice, message).buttons.includes(title));
  await until(() => withButton('Approve') !== undefined || withButton('Show me') !== undefined);
  const approval = withButton('Approve');
  if (approval !== undefined) await at.people.click(at.bob, approval, 'Approve');
  await until(() => withButton('Show me') !== undefined);
  const need = withButton('Show me');
  if (need === undefined) throw new Error('nothing was asked');
  return { need, conversation };
}

it('asks the asker alone for what a server wants to know, in a dialog, and goes on with it', async () => {
  const { need, conversation } = await asked();
  await at.people.click(at.bob, need, 'Show me');
  expect(at.people.notices(at.bob).at(-1)).toContain('for the person who asked');
  expect(at.people.dialog(at.bob)).toBeUndefined();
  await at.people.click(at.alice, need, 'Show me');
  const dialog = () => JSON.stringify(at.people.dialog(at.alice)?.card ?? '');
  expect(dialog()).toContain('What you write here goes to cafe.');
  await at.people.submit(at.alice, 'Send', { 'field:size': 'l', 'field:mail': 'nonsense' });
  expect(dialog()).toContain('Attention');
  expect(dialog()).toContain('nonsense');
  await at.people.submit(at.alice, 'Send', { 'field:count': '3', 'field:mail': 'alice@example.com' });
  await at.answers(conversation);
  expect(JSON.stringify(server.answers)).toContain('"count":3');
  await until(() => at.people.look(at.bob, need).buttons.length === 0);
});

it('goes on without it when the asker declines, and only then', async () => {
  const { need, conversation } = await asked();
  await at.people.click(at.bob, need, 'Decline');
  expect(at.people.look(at.alice, need).buttons).toContain('Decline');
  await at.people.click(at.alice, need, 'Decline');
  await at.answers(conversation);
  await until(() => at.people.look(at.bob, need).buttons.length === 0);
});
