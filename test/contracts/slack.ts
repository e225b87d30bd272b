import { z } from 'zod';
import { type Json, records } from '../../src/chat/json.ts';
import { isFinal, openSlackStage, type SlackStage, wordsOf } from '../adapters/slack/stage.ts';
import { type BotProcess, startBotProcess } from '../delivery/processes.ts';
import { createPostgresDatabase } from '../fakes/database.ts';
import { startStrictLlm } from '../fakes/llm/server.ts';
import { people } from '../fakes/slack/people.ts';
import { startFakeSlack } from '../fakes/slack/server.ts';
import type { SlackMessage, SlackView } from '../fakes/slack/state.ts';
import type { Attention, Platform, Said } from './platform.ts';

const states = {
  ...{ pending: 'Waits for a decision', approved: 'Approved by', denied: 'Denied by' },
  ...{ edited: 'Approved with changes by', answered: 'Answered by' },
} as const;
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

    async function opened(callback: string, user = bob): Promise<SlackView> {
      for (;;) {
        const modal = who.modal(user);
        if (modal?.view.callback_id === callback) return modal;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }

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
        await who.submit(user, await opened('approval_deny', user), { reason: 'Not now.' });
      },
      async approveAs(thread, service) {
        const message = question(thread);
        if (message !== undefined) await who.click(bob, message, 'approval_edit');
        const modal = await opened('approval_edit');
        const { body } = await who.submit(bob, modal, { service });
        return (
          z.object({ errors: z.object({ service: z.string() }) }).safeParse(body).data?.errors.service ?? ''
        );
      },
      async respond(thread, message) {
        const asked = question(thread);
        if (asked !== undefined) await who.click(bob, asked, 'approval_respond');
        await who.submit(bob, await opened('approval_respond'), { message });
      },
      async question(thread) {
        const message = question(thread);
        return message === undefined ? '' : wordsOf(message);
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
      attention: attentionOf(at),
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

/** What needs attention stands in the channel itself. */
function attentionOf({ slack: { workspace }, people: who, ops: channel, alice, bob }: SlackStage): Attention {
  const eve = who.user('eve', { isRestricted: true });
  workspace.channels.get(channel)?.members.add(eve.id);
  const persons = { asker: alice, other: bob, stranger: eve };
  const found = (words: string) =>
    who.heard({ channel }).find((message) => wordsOf(message).includes(words) && isFinal(message));
  /** As it stood before anybody clicked, by its turn. */
  const first = new Map<string, SlackMessage>();
  const message = (words: string): SlackMessage => {
    const there = found(words);
    if (there === undefined) throw new Error(`nothing says ${words}`);
    return there;
  };
  return {
    notice: () => ({
      ...{ platform: 'slack', isPosted: true },
      place: { type: 'channel', address: `slack:T1:${channel}` },
    }),
    names: { asker: alice.realName, other: bob.realName },
    async shown(words) {
      const there = found(words);
      if (there === undefined) return undefined;
      const id = String(Reflect.get(there.metadata?.event_payload ?? {}, 'key')).split(':')[0] ?? '';
      if (!first.has(id)) first.set(id, { ...there, blocks: [...there.blocks] });
      return wordsOf(there);
    },
    async attend(words, by, verb) {
      const there = message(words);
      const [option] = optionsOf(there.blocks);
      await who.click(persons[by], there, `concern_${verb}`, verb === 'snooze' ? option : undefined);
    },
    async attendLate(id, by) {
      const before = first.get(id);
      if (before === undefined) throw new Error('nobody saw that');
      await who.click(persons[by], before, 'concern_acknowledge');
    },
    async attendAs(words, by, id) {
      const there = message(words);
      const [own = ''] = optionsOf(there.blocks).map(({ value }) => String(value).split(':')[1]);
      const blocks = z
        .array(z.record(z.string(), z.unknown()))
        .parse(JSON.parse(JSON.stringify(there.blocks).replaceAll(own, id)));
      await who.click(persons[by], { ...there, blocks }, 'concern_acknowledge');
    },
    async say(words, said) {
      await who.say(alice, { channel, thread: message(words).ts }, said);
    },
    told: async (by) => who.notices(persons[by], channel).map(wordsOf).join('\n'),
    async remove(words) {
      await who.remove(bob, { channel, ts: message(words).ts });
    },
  };
}

function optionsOf(blocks: readonly Json[]): readonly Json[] {
  const elements = blocks.flatMap((block) => records(block.elements));
  return records(elements.find(({ type }) => type === 'static_select')?.options);
}
