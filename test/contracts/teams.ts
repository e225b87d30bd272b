import { fileURLToPath } from 'node:url';
import { envOf, openTeamsStage } from '../adapters/teams/stage.ts';
import { type BotProcess, startBotProcess } from '../delivery/processes.ts';
import { createPostgresDatabase } from '../fakes/database.ts';
import { startStrictLlm } from '../fakes/llm/server.ts';
import { people } from '../fakes/teams/people.ts';
import type { Said as There } from '../fakes/teams/people-writing.ts';
import { startFakeTeams, tenantId } from '../fakes/teams/server.ts';
import type { TeamsMessage } from '../fakes/teams/state.ts';
import type { Killable, Platform, Said } from './platform.ts';

const states = { pending: 'Waits for a decision', approved: 'Approved', denied: 'Denied' } as const;
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
