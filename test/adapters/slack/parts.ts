import { createApi, type SlackApi } from '../../../adapters/slack/api.ts';
import { oneInstallation } from '../../../adapters/slack/installations.ts';
import type { Post, PreviewTarget } from '../../../src/chat/adapter.ts';
import type { Reply } from '../../../src/chat/reply.ts';
import type { Clock, Log } from '../../../src/observe/port.ts';
import { silentLog } from '../../fakes/log.ts';
import { type People, people } from '../../fakes/slack/people.ts';
import { botToken, type FakeSlack, startFakeSlack } from '../../fakes/slack/server.ts';

/** The adapter's parts against a small Slack, without a bot. */
export interface Parts {
  readonly slack: FakeSlack;
  readonly people: People;
  readonly api: SlackApi;
  readonly clock: Clock;
  /** A thread with one message of Alice. */
  readonly channel: string;
  readonly thread: string;
  readonly threadId: string;
  post(reply?: Partial<Reply>, key?: string): Post;
  target(remembered?: PreviewTarget['remember']): PreviewTarget;
}

export async function openParts(log: Log = silentLog): Promise<Parts> {
  const slack = await startFakeSlack({ retryDelaysMs: [] });
  const who = people(slack);
  const alice = who.user('alice');
  const channel = who.channel('ops', [alice]);
  const clock = { now: () => slack.workspace.now() };
  const apiUrl = `${slack.url}/api/`;
  const installations = oneInstallation({ botToken, apiUrl });
  const thread = (await who.say(alice, { channel }, 'hello', { retries: 0 })).ts;
  const threadId = `slack:T1:${channel}:${thread}`;
  return {
    slack,
    people: who,
    api: createApi({ installations, apiUrl, clock, log }),
    clock,
    channel,
    thread,
    threadId,
    post: (reply = {}, key = 'turn-1:0') => ({
      threadId,
      key,
      reply: { kind: 'answer', text: 'The answer.', turnId: 'turn-1', ...reply },
    }),
    target: (remember = async () => {}) => ({
      threadId,
      turnId: 'turn-1',
      asker: { principal: `slack:T1:${alice.id}`, name: 'alice' },
      remember,
    }),
  };
}

/** Nothing aborts. */
export const calm = new AbortController().signal;
