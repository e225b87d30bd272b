import { App } from '@slack/bolt';
import { at, isRecord, type Json, textOf } from '../../src/chat/json.ts';
import { createRecentKeys } from '../../src/chat/recent-keys.ts';
import { mountAdministration } from './admin.ts';
import { mountApprovals } from './approvals.ts';
import { mountAsking } from './asking.ts';
import { mountCommands } from './commands.ts';
import { mountConcerns } from './concerns.ts';
import { personOf, type SlackContext, talkerOf } from './context.ts';
import { mountDetails } from './details.ts';
import { mountForms } from './form-flow.ts';
import { createHearing } from './hearing.ts';
import { mountHome } from './home.ts';
import { teamOf } from './inbound.ts';
import { quietLogger } from './logger.ts';
import { mountNeeds } from './needs.ts';
import { encodeThreadId } from './thread-id.ts';

/** Bolt with everything that the bot listens to. Both transports hand their payloads to it. */
export function createListeners(context: SlackContext, apiUrl: string | undefined): App {
  const { bot, people, installations } = context;
  const app = new App({
    // Payloads come through the adapter's own dispatch.
    receiver: { init() {}, start: async () => undefined, stop: async () => undefined },
    logger: quietLogger,
    ...(apiUrl === undefined ? {} : { clientOptions: { slackApiUrl: apiUrl } }),
    authorize: async ({ teamId = '' }) => {
      const installation = await installations.of(teamId);
      if (installation === undefined) throw new Error(`The app is not installed in the workspace ${teamId}.`);
      const { botToken, botId, botUser, team } = installation;
      return { botToken, botId, botUserId: botUser, teamId: team };
    },
  });
  const hearing = createHearing(context);
  const counted = createRecentKeys();
  app.event('message', async ({ body }) => await hearing.hear({ ...body }));
  app.event('app_mention', async ({ body }) => await hearing.hear({ ...body }));

  app.event(/^agent_session_stopped$/, async ({ body }) => {
    const json: Json = { ...body };
    const event = isRecord(json.event) ? json.event : {};
    const place = { channel: textOf(event.channel_id) || textOf(event.channel), ts: textOf(event.thread_ts) };
    const user = textOf(event.user_id) || textOf(event.user);
    if (place.channel === '' || place.ts === '' || user === '') return;
    const person = await talkerOf(context, { team: teamOf(json), user, channel: place.channel });
    await bot.stop(encodeThreadId({ team: teamOf(json), ...place }), person.author);
  });

  app.action('feedback', async ({ ack, body }) => {
    await ack();
    const json: Json = { ...body };
    const [action] = Array.isArray(json.actions) ? json.actions : [];
    const [word = '', turnId = ''] = textOf(at(action, 'value')).split(':');
    const person = await personOf(context, { team: teamOf(json), user: textOf(at(json, 'user', 'id')) });
    people.feedback(turnId, person.author, word === 'good');
  });

  app.event('reaction_added', async ({ body }) => {
    const json: Json = { ...body };
    const event = isRecord(json.event) ? json.event : {};
    const name = textOf(event.reaction).split('::')[0] ?? '';
    const team = teamOf(json);
    const installation = await installations.of(team);
    const isOwn = installation !== undefined && event.item_user === installation.botUser;
    const { good, bad } = await context.feedbackEmoji();
    if (!isOwn || !(good.has(name) || bad.has(name))) return;
    const [channel, ts, user] = [at(event, 'item', 'channel'), at(event, 'item', 'ts'), event.user].map(
      textOf,
    );
    const turnId = await turnOf(context, { team, channel: channel ?? '', ts: ts ?? '' });
    if (turnId === undefined || !counted.isNew([`${turnId} ${user} ${name}`])) return;
    const person = await personOf(context, { team, user: user ?? '' });
    people.feedback(turnId, person.author, good.has(name));
  });

  mountApprovals(app, context);
  mountConcerns(app, context);
  mountDetails(app, context);
  mountNeeds(app, context);
  mountCommands(app, context, hearing);
  mountAsking(app, context, hearing);
  mountAdministration(app, context);
  mountForms(app, context);
  mountHome(app, context);
  return app;
}

/** The turn that one of the bot's own messages answers. */
async function turnOf(
  { api }: SlackContext,
  { team, channel, ts }: { readonly team: string; readonly channel: string; readonly ts: string },
): Promise<string | undefined> {
  const page = await api.attempt(team, 'conversations.replies', {
    channel,
    ts,
    limit: 1,
    include_all_metadata: true,
  });
  const [message] = Array.isArray(page?.messages) ? page.messages : [];
  const key = textOf(at(message, 'metadata', 'event_payload', 'key'));
  return key === '' ? undefined : key.split(':')[0];
}
