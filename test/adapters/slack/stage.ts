import { openStage, type Stage, type StageOptions, until } from '../../bot/stage.ts';
import { createPostgresDatabase } from '../../fakes/database.ts';
import { type People, people } from '../../fakes/slack/people.ts';
import { type FakeSlack, type FakeSlackOptions, startFakeSlack } from '../../fakes/slack/server.ts';
import type { SlackMessage, SlackUser } from '../../fakes/slack/state.ts';

/** A bot in a small Slack, with a strict model and real MCP servers. */
export interface SlackStage {
  readonly stage: Stage;
  readonly slack: FakeSlack;
  readonly people: People;
  readonly alice: SlackUser;
  readonly bob: SlackUser;
  /** A channel with the bot, Alice and Bob in it. */
  readonly ops: string;
  /** The bot's messages in a thread, once they are this many and all are final. */
  answers(thread: string, count?: number, channel?: string): Promise<readonly SlackMessage[]>;
  close(): Promise<void>;
}

export interface SlackStageOptions extends StageOptions, FakeSlackOptions {}

export async function openSlackStage(options: SlackStageOptions = {}): Promise<SlackStage> {
  const { transport, retryDelaysMs = [0, 30, 60], scopes, env = {}, ...rest } = options;
  const slack = await startFakeSlack({
    retryDelaysMs,
    // A busy machine is no reason to fail.
    ackMs: 15_000,
    ...(transport === undefined ? {} : { transport }),
    ...(scopes === undefined ? {} : { scopes }),
  });
  const who = people(slack);
  const alice = who.user('alice');
  const bob = who.user('bob');
  const ops = who.channel('ops', [alice, bob]);
  const stage = await openStage({
    ...rest,
    env: {
      DATABASE_URL: await createPostgresDatabase('migrated'),
      ...slack.env,
      AI_OPS_ADMINS: `slack:T1:${bob.id}`,
      ...env,
    },
  });
  slack.deliverTo(stage.bot.url);
  if (transport === 'socket') await until(() => slack.sockets.connections() > 0);
  const tenant = { name: 'Acme', platform: 'slack', external_id: 'T1' };
  const made = await stage.bot.fetch('/api/plugins/ai-ops/tenants/', {
    method: 'POST',
    body: JSON.stringify(tenant),
    headers: { 'content-type': 'application/json' },
  });
  if (!made.ok) throw new Error(`the workspace was not let in: ${await made.text()}`);
  return {
    stage,
    slack,
    people: who,
    alice,
    bob,
    ops,
    async answers(thread, count = 1, channel = ops) {
      const heard = () => who.heard({ channel, thread }).filter(isFinal);
      await until(() => heard().length >= count, 15_000);
      return heard();
    },
    async close() {
      await stage.close();
      await slack.close();
    },
  };
}

/** Whether a message is a reply, and not a preview of one. */
export function isFinal(message: SlackMessage): boolean {
  return message.metadata?.event_type === 'ai_ops_reply';
}

/** All words of a message's blocks. */
export function wordsOf(message: SlackMessage | undefined): string {
  return JSON.stringify(message?.blocks ?? []);
}
