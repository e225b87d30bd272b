import { record } from '../../fakes/teams/json.ts';
import { type People, people } from '../../fakes/teams/people.ts';
import { type FakeTeams, startFakeTeams } from '../../fakes/teams/server.ts';
import type { TeamsMessage, TeamsUser } from '../../fakes/teams/state.ts';
import { type Listener, startListener } from './listener.ts';

/** The double alone, with something that it delivers to and a client of plain HTTP. */
export interface DoubleStage {
  readonly teams: FakeTeams;
  readonly who: People;
  readonly bot: Listener;
  readonly alice: TeamsUser;
  readonly bob: TeamsUser;
  /** Asks the connector as the bot does. */
  call(method: string, path: string, body?: unknown): Promise<Called>;
  /** Posts an activity into a conversation. */
  post(conversation: string, activity: unknown): Promise<Called>;
  /** The same, and the message that was made. */
  posted(conversation: string, activity: unknown): Promise<TeamsMessage>;
  close(): Promise<void>;
}

export interface Called {
  readonly status: number;
  readonly id: string;
  readonly body: unknown;
  /** Of a refusal. */
  readonly code: string;
  readonly message: string;
  readonly retryAfter: string | null;
}

export async function openDouble(): Promise<DoubleStage> {
  // A busy machine is no reason to fail.
  const teams = await startFakeTeams({ isStill: true, invokeMs: 15_000, resendDelaysMs: [0] });
  const bot = await startListener();
  teams.deliverTo(bot.url);
  const who = people(teams);

  async function call(method: string, path: string, body?: unknown): Promise<Called> {
    const response = await fetch(`${teams.serviceUrl()}v3/${path}`, {
      method,
      headers: { authorization: `Bearer ${teams.token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const words = await response.text();
    const given: unknown = words === '' ? undefined : JSON.parse(words);
    const { code, message } = record(record(given).error);
    return {
      status: response.status,
      id: String(record(given).id ?? ''),
      body: given,
      code: String(code ?? ''),
      message: String(message ?? ''),
      retryAfter: response.headers.get('retry-after'),
    };
  }

  const post = (conversation: string, activity: unknown) =>
    call('POST', `conversations/${encodeURIComponent(conversation)}/activities`, activity);

  return {
    teams,
    who,
    bot,
    alice: who.user('Alice Ops'),
    bob: who.user('Bob Ops'),
    call,
    post,
    async posted(conversation, activity) {
      const { id, status, message } = await post(conversation, activity);
      const found = teams.tenant.messages.find((known) => known.id === id);
      if (found === undefined) throw new Error(`it was refused with ${status}: ${message}`);
      return found;
    },
    async close() {
      await teams.close();
      await bot.close();
    },
  };
}

export function said(text: string): object {
  return { type: 'message', text };
}

/** A message with one Adaptive Card. */
export function withCard(card: object): object {
  const content = { type: 'AdaptiveCard', version: '1.5', ...card };
  return {
    type: 'message',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content }],
  };
}
