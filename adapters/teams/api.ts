import type { Json } from '../../src/chat/json.ts';
import type { TeamTold } from './connector.ts';
import type { Conversation } from './thread-id.ts';

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** How long to wait for room in the conversation's budget before giving up. Default 0. */
  readonly patienceMs?: number;
}

/**
 * Teams as the adapter needs it, whichever package speaks to it. Each call throws `TeamsCallError`. Calls of
 * one conversation go out one after another and within its budgets. What was certainly refused for a moment
 * (412, 429) is sent again while the caller's patience lasts; what may have arrived never is.
 */
export interface TeamsApi {
  /** Brings an activity into a conversation, and resolves to its id. */
  send(to: Conversation, activity: Json, options?: CallOptions): Promise<string>;
  update(to: Conversation, id: string, activity: Json, options?: CallOptions): Promise<void>;
  remove(to: Conversation, id: string, options?: CallOptions): Promise<void>;
  /** Begins a thread in a channel. */
  createThread(channel: Conversation, activity: Json, options?: CallOptions): Promise<Conversation>;
  /** Somebody of a conversation, as Teams tells of them. */
  member(at: Conversation, userId: string, options?: CallOptions): Promise<Json>;
  /** How a team that the conversation is in is called, and its channels. */
  team(at: Conversation, teamId: string, options?: CallOptions): Promise<TeamTold>;
  /** Where failing does no harm: undefined then, and said once in the log. */
  attempt<T>(call: (api: TeamsApi) => Promise<T>): Promise<T | undefined>;
  /** Reads a file that came with a message; the bot's token goes to the connector's own hosts alone. */
  fetch(at: Conversation, url: string, init: RequestInit): Promise<Response>;
  /** What is wrong, as Teams said last: the credentials were refused, the bot was removed from a conversation. */
  troubles(): readonly string[];
}
