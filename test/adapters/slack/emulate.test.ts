import { createEmulator } from 'emulate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApi, type SlackApi } from '../../../adapters/slack/api.ts';
import { formView, loadingView } from '../../../adapters/slack/forms.ts';
import { oneInstallation } from '../../../adapters/slack/installations.ts';
import { pagesOf } from '../../../adapters/slack/pages.ts';
import { createPoster } from '../../../adapters/slack/poster.ts';
import type { Form, FormField, Widget } from '../../../src/chat/form.ts';
import { at, records, textOf } from '../../../src/chat/json.ts';
import { silentLog } from '../../fakes/log.ts';
import { freePort } from '../../fakes/ports.ts';
import { calm } from './parts.ts';

const token = 'xoxb-emulated';

/** The second opinion: what another double of Slack can do, done by the same code. */
describe('on emulate', () => {
  let close: () => Promise<void>;
  let api: SlackApi;
  let team: string;
  let channel: string;

  beforeAll(async () => {
    const emulator = await createEmulator({
      service: 'slack',
      port: await freePort(),
      seed: {
        slack: {
          team: { name: 'Acme', domain: 'acme' },
          users: [{ name: 'alice', real_name: 'Alice', email: 'alice@example.com' }],
          channels: [{ name: 'ops', topic: 'ops' }],
          oauth_apps: [
            {
              client_id: '111.222',
              client_secret: 's3cr3t',
              app_id: 'A1',
              name: 'Ops',
              bot_id: 'B1',
              bot_user_id: 'U1',
              bot_name: 'ops',
              redirect_uris: [],
              scopes: ['chat:write'],
            },
          ],
          tokens: [
            {
              token,
              type: 'bot',
              user_id: 'U1',
              app_id: 'A1',
              bot_id: 'B1',
              bot_user_id: 'U1',
              scopes: ['chat:write', 'channels:read', 'channels:history', 'files:write'],
            },
          ],
        },
      },
    });
    close = () => emulator.close();
    const apiUrl = `${emulator.url}/api/`;
    const ask = async (method: string) =>
      await (
        await fetch(`${apiUrl}${method}`, { method: 'POST', headers: { authorization: `Bearer ${token}` } })
      ).json();
    team = textOf(at(await ask('auth.test'), 'team_id'));
    const listed: unknown = await ask('conversations.list');
    channel = textOf(records(at(listed, 'channels')).find(({ name }) => name === 'ops')?.id);
    const installations = oneInstallation({ botToken: token, apiUrl });
    api = createApi({ installations, apiUrl, clock: { now: () => Date.now() }, log: silentLog });
  });
  afterAll(async () => await close());

  it('posts into a thread, edits, brings a file, and reads it all back', async () => {
    const root = await api.call(team, 'chat.postMessage', { channel, text: 'question' });
    const threadId = `slack:${team}:${channel}:${textOf(root.ts)}`;
    const poster = createPoster({ api, done: () => [] });
    const text = `The answer.\n\n\`\`\`\n${'a long line\n'.repeat(400)}\`\`\``;
    const post = { threadId, key: 't:0', reply: { kind: 'answer', text, turnId: 't' } } as const;
    const ref = await poster.post(post, calm);
    await poster.edit(ref, { ...post, reply: { ...post.reply, text: 'Edited.' } }, calm);
    const page = await api.call(team, 'conversations.replies', { channel, ts: textOf(root.ts) });
    const messages = records(page.messages);
    expect(messages.find((message) => message.ts === ref.ts)?.text).toBe('Edited.');
    const files = messages.flatMap((message) => records(message.files).map((file) => textOf(file.name)));
    expect(files).toEqual(['t-0-output-1.txt']);
  });

  it('opens a loading view, puts the form in its place, and publishes a Home', async () => {
    const { trigger_id: trigger } = await api.call(team, 'views.generateTriggerId', { user_id: 'U1' });
    const opened = await api.call(team, 'views.open', { trigger_id: trigger, view: loadingView() });
    const view = formView(form, { path: 'things', channel });
    const target = { view_id: textOf(at(opened, 'view', 'id')), hash: textOf(at(opened, 'view', 'hash')) };
    const shown = await api.call(team, 'views.update', { ...target, view });
    expect(records(at(shown, 'view', 'blocks')).map(({ block_id: id }) => id)).toEqual(['name', 'kind']);
    await expect(api.call(team, 'views.update', { ...target, view })).rejects.toThrow('hash_conflict');
    await expect(api.call(team, 'views.open', { trigger_id: trigger, view: loadingView() })).rejects.toThrow(
      'exchanged_trigger_id',
    );
    const home = {
      type: 'home',
      blocks: pagesOf('How I stand.\n\n| a | b |\n|---|---|\n| 1 | 2 |').pages[0],
    };
    const published = await api.call(team, 'views.publish', { user_id: 'U1', view: home });
    expect(textOf(at(published, 'view', 'type'))).toBe('home');
  });
});

const field = (name: string, widget: Widget): FormField => ({
  ...{ name, label: name, help: 'Help.', widget },
  ...{ isRequired: true, isNullable: false, isReadOnly: false },
});

const form: Form = {
  title: 'New thing',
  submit: 'Create',
  fields: [
    field('name', { type: 'text' }),
    field('kind', { type: 'choice', choices: [{ value: 'a', label: 'A' }] }),
  ],
};
