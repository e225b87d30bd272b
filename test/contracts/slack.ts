import { isFinal, openSlackStage, wordsOf } from '../adapters/slack/stage.ts';
import { type BotProcess, startBotProcess } from '../delivery/processes.ts';
import { createPostgresDatabase } from '../fakes/database.ts';
import { startStrictLlm } from '../fakes/llm/server.ts';
import { people } from '../fakes/slack/people.ts';
import { startFakeSlack } from '../fakes/slack/server.ts';
import type { SlackMessage } from '../fakes/slack/state.ts';
import type { Platform, Said } from './platform.ts';

const states = { pending: 'Waits for a decision', approved: 'Approved by', denied: 'Denied by' } as const;
const pings = /<!(?:channel|here|everyone)|<@U|@(?:channel|everyone|here)\b/;

/** Words of the blocks, or what is streamed so far. */
function said(message: SlackMessage): string {
  return message.streamed === ''
    ? message.blocks.map((block) => String(block.text ?? JSON.stringify(block))).join('\n')
    : message.streamed;
}

/** Slack on its double: the asker is Alice, who may not decide; Bob may. */
export const slack: Platform = {
  name: 'Slack',
  canTell: true,
  async open(options) {
    const at = await openSlackStage(options);
    const { people: who, ops: channel, alice, bob } = at;
    const heard = (thread: string) => who.heard({ channel, thread });
    const question = (thread: string) => heard(thread).find((message) => stateOf(message) !== undefined);
    const stateOf = (message: SlackMessage) =>
      Object.entries(states).find(([, words]) => wordsOf(message).includes(words))?.[0];

    return {
      llm: at.stage.llm,
      async begin(words) {
        const { ts } = await who.mention(alice, { channel }, words);
        return { thread: ts, id: ts };
      },
      async say(thread, words, by = 'asker') {
        const { ts } = await who.say(by === 'asker' ? alice : bob, { channel, thread }, words);
        return { thread, id: ts };
      },
      heard: async (thread) => heard(thread).map(said),
      async deliverAgain({ thread, id }: Said) {
        const { text } = at.slack.workspace.messages.find((message) => message.ts === id) ?? {};
        const message = { type: 'message', channel, channel_type: 'channel', user: alice.id, ts: id, text };
        const more = thread === id ? {} : { thread_ts: thread };
        await who.event({ ...message, ...more }, `EvAgain${id}`);
        await who.event({ ...message, ...more, type: 'app_mention' }, `EvAgainMention${id}`);
      },
      async stop(thread) {
        await who.stop(alice, { channel, thread });
      },
      async decide(thread, by, decision) {
        const message = question(thread);
        if (message === undefined) throw new Error('nothing is asked');
        const user = by === 'approver' ? bob : alice;
        await who.click(user, message, `approval_${decision}`);
        if (decision === 'approve') return;
        while (who.modal(user)?.view.callback_id !== 'approval_deny')
          await new Promise((resolve) => setTimeout(resolve, 10));
        const modal = who.modal(user);
        if (modal !== undefined) await who.submit(user, modal, { reason: 'Not now.' });
      },
      wasRefused: async () =>
        who.notices(alice, channel).some((notice) => wordsOf(notice).includes('may not decide')),
      async outcome(thread) {
        const message = question(thread);
        return message === undefined ? '' : (stateOf(message) ?? '');
      },
      pinged: async (thread) =>
        heard(thread).some((message) => pings.test(`${said(message)} ${message.text}`)),
      async edit({ id }, words) {
        await who.edit(alice, { channel, ts: id }, `<@UBOT> ${words}`);
      },
      async remove({ id }) {
        await who.remove(alice, { channel, ts: id });
      },
      close: at.close,
    };
  },

  async openKillable() {
    const double = await startFakeSlack({ retryDelaysMs: [200, 500, 1000, 2000, 4000], ackMs: 15_000 });
    const llm = await startStrictLlm();
    const who = people(double);
    const alice = who.user('alice');
    const channel = who.channel('ops', [alice]);
    const env = {
      DATABASE_URL: await createPostgresDatabase('migrated'),
      AI_OPS_ADMINS: `slack:T1:${alice.id}`,
      ...{ OPENAI_API_KEY: 'x', OPENAI_API: 'chat', OPENAI_BASE_URL: `${llm.url}/v1` },
      ...{ LEASE_MS: '2500', LOG_FILE: '/dev/null' },
      ...double.env,
    };
    let running: BotProcess | undefined;
    const heard = (thread: string) => who.heard({ channel, thread });
    return {
      llm,
      async restart() {
        await running?.kill('SIGKILL');
        running = await startBotProcess(env);
        double.deliverTo(running.url);
      },
      async begin(words) {
        const { ts } = await who.mention(alice, { channel }, words);
        return { thread: ts, id: ts };
      },
      async say(thread, words) {
        const { ts } = await who.say(alice, { channel, thread }, words);
        return { thread, id: ts };
      },
      heard: async (thread) => heard(thread).filter(isFinal).map(said),
      shows: async (thread, words) => heard(thread).some((message) => said(message).includes(words)),
      async close() {
        await running?.kill('SIGKILL');
        await Promise.all([double.close(), llm.close()]);
      },
    };
  },
};
