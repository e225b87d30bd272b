import type { App } from '@slack/bolt';
import { clipped } from '../../src/chat/clipped.ts';
import { at, isRecord, type Json, textOf } from '../../src/chat/json.ts';
import { personOf, type SlackContext } from './context.ts';
import type { Hearing } from './hearing.ts';
import { teamOf } from './inbound.ts';
import { notify } from './notices.ts';
import { openOrTell } from './opening.ts';
import { plainText, wordsOf } from './words.ts';

const asked = 'What is this about, and what should be done?';

/** The message shortcut “Ask AI Ops about this”: a modal for the question, an answer in the message's thread. */
export function mountAsking(app: App, context: SlackContext, hearing: Hearing): void {
  const { api } = context;

  app.shortcut('ask_about_message', async ({ ack, body }) => {
    await ack();
    const json: Json = { ...body };
    const message = isRecord(json.message) ? json.message : {};
    const words = clipped(wordsOf(message), 2500);
    const [channel, thread] = [textOf(at(json, 'channel', 'id')), textOf(message.thread_ts)];
    const opener = {
      ...{ team: teamOf(json), user: textOf(at(json, 'user', 'id')), channel },
      ...{ trigger: textOf(json.trigger_id), respondTo: textOf(json.response_url) },
      ...(thread === '' ? {} : { threadTs: thread }),
    };
    await openOrTell(context, opener, askView(fitting([channel, textOf(message.ts), thread, words])));
  });

  app.view('ask_about_message', async ({ ack, body }) => {
    const json: Json = { ...body };
    const place: unknown = JSON.parse(textOf(at(json, 'view', 'private_metadata')) || '[]');
    const [channel = '', ts = '', thread = '', words = ''] = Array.isArray(place) ? place.map(textOf) : [];
    const [team, user] = [teamOf(json), textOf(at(json, 'user', 'id'))];
    const person = await personOf(context, { team, user, channel });
    const threadTs = thread === '' ? ts : thread;
    if (!person.permissions.has('chat')) {
      await ack();
      return await notify(api, { team, user, channel, threadTs }, 'You may not talk to me here.');
    }
    const question =
      textOf(at(json, 'view', 'state', 'values', 'question', 'question', 'value')).trim() || asked;
    const refused = context.desk.refusal(question);
    if (refused !== undefined) return await ack({ response_action: 'errors', errors: { question: refused } });
    const names = await context.directory.names(team, { users: [], channels: [] });
    await hearing.ask({
      person,
      channel,
      threadTs,
      text: question,
      context: `The message that this is about:\n${plainText(words, names)}`,
      keys: [`slack:${team}:view:${textOf(at(json, 'view', 'id'))}`],
    });
    await ack();
  });
}

/** Slack keeps at most 3,000 characters with a view. */
function fitting(place: readonly string[]): string {
  const [channel = '', ts = '', thread = '', words = ''] = place;
  for (let text = words; ; text = text.slice(0, text.length / 2)) {
    const json = JSON.stringify([channel, ts, thread, text]);
    if (json.length <= 3000 || text === '') return json;
  }
}

function askView(metadata: string): Json {
  return {
    type: 'modal',
    callback_id: 'ask_about_message',
    private_metadata: metadata,
    title: { type: 'plain_text', text: 'Ask AI Ops about this' },
    submit: { type: 'plain_text', text: 'Ask' },
    close: { type: 'plain_text', text: 'Cancel' },
    blocks: [
      {
        type: 'input',
        block_id: 'question',
        optional: true,
        label: { type: 'plain_text', text: 'Question' },
        hint: { type: 'plain_text', text: 'The answer comes into the message’s thread.' },
        element: {
          type: 'plain_text_input',
          action_id: 'question',
          multiline: true,
          max_length: 2000,
          placeholder: { type: 'plain_text', text: asked },
        },
      },
    ],
  };
}
