import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { envOf, openTeamsStage, type TeamsStage } from '../adapters/teams/stage.ts';
import { type BotProcess, startBotProcess } from '../delivery/processes.ts';
import { createPostgresDatabase } from '../fakes/database.ts';
import { startStrictLlm } from '../fakes/llm/server.ts';
import { people } from '../fakes/teams/people.ts';
import type { Said as There } from '../fakes/teams/people-writing.ts';
import { startFakeTeams, tenantId } from '../fakes/teams/server.ts';
import type { TeamsMessage } from '../fakes/teams/state.ts';
import type { Attention, Killable, Platform, Said } from './platform.ts';

const states = {
  ...{ pending: 'Waits for a decision', approved: 'Approved by', denied: 'Denied by' },
  ...{ edited: 'Approved with changes by', answered: 'Answered by' },
} as const;
const pings = /<at>|@(?:channel|everyone|here|team)\b/i;
const certificate = fileURLToPath(new URL('../fixtures/tls/localhost.crt', import.meta.url));

/** Teams on its double: the asker is Alice, who may not decide; Bob may. */
export const teams: Platform = {
  name: 'Teams',
  canTell: false,
  async open(options) {
    const at = await openTeamsStage(options);
    const { people: who, alice, bob, ops } = at;
    const written = new Map<string, There>();
    const words = (message: TeamsMessage) => who.look(bob, message).words;
    const stateOf = (message: TeamsMessage) =>
      Object.entries(states).find(([, state]) => words(message).includes(state))?.[0];
    const question = (thread: string) =>
      who
        .heard(thread)
        .find((message) => stateOf(message) !== undefined && words(message).includes('Asked by'));

    function noted(message: There): Said {
      written.set(message.id, message);
      return { thread: message.conversation, id: message.id };
    }

    function messageOf({ id }: Said): There {
      const found = written.get(id);
      if (found === undefined) throw new Error('nobody wrote that');
      return found;
    }

    return {
      llm: at.stage.llm,
      begin: async (text) => noted(await who.mention(alice, ops, text)),
      say: async (thread, text, by = 'asker') =>
        noted(await who.mention(by === 'asker' ? alice : bob, thread, text)),
      heard: async (thread) => who.heard(thread).map(words),
      async deliverAgain(said) {
        await who.deliver(messageOf(said).activity);
      },
      async stop(thread) {
        await who.mention(alice, thread, 'stop');
      },
      async decide(thread, by, decision) {
        const message = question(thread);
        if (message === undefined) throw new Error('nothing is asked');
        const title = decision === 'approve' ? 'Approve' : 'Deny';
        await who.click(by === 'approver' ? bob : alice, message, title);
      },
      async approveAs(thread, service) {
        const message = question(thread);
        if (message !== undefined) await who.click(bob, message, 'Edit …');
        await who.submit(bob, 'Approve as edited', { 'field:service': service });
        const dialog = JSON.stringify(who.dialog(bob)?.card ?? '');
        who.closeDialog(bob);
        return /"text":"(This must match[^"]*)"/.exec(dialog)?.[1] ?? '';
      },
      async respond(thread, message) {
        const asked = question(thread);
        if (asked !== undefined) await who.click(bob, asked, 'Respond', { message });
      },
      async question(thread) {
        const message = question(thread);
        return message === undefined ? '' : words(message);
      },
      wasRefused: async () =>
        who.notices(alice).some((notice) => notice.includes('may not decide')) &&
        who.notices(bob).length === 0,
      async outcome(thread) {
        const message = question(thread);
        return message === undefined ? '' : (stateOf(message) ?? '');
      },
      pinged: async (thread) =>
        who
          .heard(thread)
          .some(
            ({ activity }) =>
              pings.test(String(activity.text)) || JSON.stringify(activity).includes('"mention"'),
          ),
      async edit(said, text) {
        await who.edit(messageOf(said).message, text);
      },
      async remove(said) {
        await who.softDelete(messageOf(said).message);
      },
      attention: attentionOf(at),
      close: at.close,
    };
  },

  openKillable: () => openKillableTeams('personal'),
};

/** In a chat of Alice alone, where answers are streamed, or in a channel, where a message is edited. */
export async function openKillableTeams(where: 'personal' | 'channel'): Promise<Killable> {
  const double = await startFakeTeams({ resendDelaysMs: [200, 500, 1000, 2000, 4000], ackMs: 15_000 });
  const llm = await startStrictLlm();
  const who = people(double);
  const alice = who.user('Alice');
  const place = where === 'personal' ? who.personal(alice) : who.channel('ops', [alice]);
  const env = {
    DATABASE_URL: await createPostgresDatabase('migrated'),
    AI_OPS_ADMINS: `teams:${tenantId}:${alice.aadObjectId}`,
    AI_OPS_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
    NODE_EXTRA_CA_CERTS: certificate,
    ...{ OPENAI_API_KEY: 'x', OPENAI_API: 'chat', OPENAI_BASE_URL: `${llm.url}/v1` },
    ...{ LEASE_MS: '2500', LOG_FILE: '/dev/null' },
    ...envOf(double),
  };
  let running: BotProcess | undefined;
  const heard = (thread: string) => who.heard(thread);
  const write = async (thread: string, words: string) => {
    const { id, conversation } = await who[where === 'personal' ? 'say' : 'mention'](alice, thread, words);
    return { thread: conversation, id };
  };
  const shown = (message: TeamsMessage) => message.stream?.text ?? String(message.activity.text ?? '');
  return {
    llm,
    async restart() {
      await running?.kill('SIGKILL');
      running = await startBotProcess(env);
      double.deliverTo(running.url);
    },
    begin: (words) => write(place, words),
    say: write,
    heard: async (thread) =>
      heard(thread)
        .filter(({ stream }) => stream?.state !== 'open')
        .map(({ activity }) => String(activity.text ?? '')),
    shows: async (thread, words) => heard(thread).some((message) => shown(message).includes(words)),
    async close() {
      await running?.kill('SIGKILL');
      await Promise.all([double.close(), llm.close()]);
    },
  };
}

/** What needs attention begins a thread of the channel. */
function attentionOf({ people: who, ops, alice, bob }: TeamsStage): Attention {
  const eve = who.user('Eve', { role: 'guest' });
  who.place(ops).members.add(eve.id);
  const persons = { asker: alice, other: bob, stranger: eve };
  const found = (words: string) =>
    who.heard(ops).find((message) => !message.isDeleted && who.look(bob, message).words.includes(words));
  const message = (words: string): TeamsMessage => {
    const there = found(words);
    if (there === undefined) throw new Error(`nothing says ${words}`);
    return there;
  };
  /** The card as it stood before anybody pressed, by what it is about. */
  const first = new Map<string, TeamsMessage>();
  return {
    notice: () => ({
      ...{ platform: 'teams', isPosted: true },
      place: { type: 'channel', address: `teams:${tenantId}:${encodeURIComponent(ops)}` },
    }),
    names: { asker: alice.name, other: bob.name },
    async shown(words) {
      const there = found(words);
      if (there === undefined) return undefined;
      const id = /"concernId":"([^"]+)"/.exec(JSON.stringify(there.activity))?.[1] ?? '';
      if (!first.has(id)) first.set(id, { ...there });
      const seen = who.look(bob, there);
      return [seen.words, ...seen.buttons].join('\n');
    },
    async attend(words, by, verb) {
      const title = { acknowledge: 'Acknowledge', snooze: 'Snooze', reopen: 'Reopen' }[verb];
      await who.click(persons[by], message(words), title);
    },
    async attendLate(id, by) {
      const before = first.get(id);
      const there = who.heard(ops).find((one) => one.id === before?.id);
      if (before === undefined || there === undefined) throw new Error('nobody saw that');
      const now = there.activity;
      there.activity = before.activity;
      await who.click(persons[by], there, 'Acknowledge');
      there.activity = now;
    },
    async attendAs(words, by, id) {
      const there = message(words);
      const now = there.activity;
      const asText = JSON.stringify(now);
      const [, own = ''] = /"concernId":"([^"]+)"/.exec(asText) ?? [];
      there.activity = z.record(z.string(), z.unknown()).parse(JSON.parse(asText.replaceAll(own, id)));
      await who.click(persons[by], there, 'Acknowledge');
      there.activity = now;
    },
    async say(words, said) {
      await who.mention(alice, message(words).conversation, said);
    },
    told: async (by) => who.notices(persons[by]).join('\n'),
    async remove(words) {
      message(words).isDeleted = true;
    },
  };
}
