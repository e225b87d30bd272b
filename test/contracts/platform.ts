import type { StageOptions } from '../bot/stage.ts';
import type { StrictLlm } from '../fakes/llm/server.ts';

/** What somebody said, and where. */
export interface Said {
  /** The conversation that it began or stands in. */
  readonly thread: string;
  /** Its name on the platform. */
  readonly id: string;
}

export type Who = 'asker' | 'other';

/** What a bot answers on a platform, as its people see it: the words of each message that is no preview. */
export interface Conversation {
  /** The asker begins a conversation. Resolves once the message is acknowledged. */
  begin(words: string): Promise<Said>;
  /** Somebody says more in it. */
  say(thread: string, words: string, who?: Who): Promise<Said>;
  /** The bot's messages in the conversation, oldest first, previews among them. */
  heard(thread: string): Promise<readonly string[]>;
}

/** A platform's double with a bot behind it, in this process. */
export interface OnPlatform extends Conversation {
  readonly llm: StrictLlm;
  /** The platform delivers what was said once more. */
  deliverAgain(said: Said): Promise<void>;
  /** The asker stops what runs, as people do on this platform. */
  stop(thread: string): Promise<void>;
  /** Presses a button of the question that stands in the conversation. */
  decide(thread: string, who: 'approver' | 'nobody', decision: 'approve' | 'deny'): Promise<void>;
  /** Whether the one who may not was told so, and nobody else. */
  wasRefused(thread: string): Promise<boolean>;
  /** How the question stands, as everybody sees it: `pending`, `approved` … */
  outcome(thread: string): Promise<string>;
  /** Whether anything in the conversation reached somebody who was not meant. */
  pinged(thread: string): Promise<boolean>;
  /** Absent where what was said is final. */
  edit?(said: Said, words: string): Promise<void>;
  remove?(said: Said): Promise<void>;
  close(): Promise<void>;
}

/** The same with the bot in processes of their own, which can be killed. */
export interface Killable extends Conversation {
  readonly llm: StrictLlm;
  /** Kills the process that runs, if one does, and starts another. */
  restart(): Promise<void>;
  /** Whether something of the answer is shown already. */
  shows(thread: string, words: string): Promise<boolean>;
  close(): Promise<void>;
}

/** A platform that the contract is proved on. */
export interface Platform {
  readonly name: string;
  /** Only the asker writes in their conversations: nobody else's message can come in between. */
  readonly isAlone?: boolean;
  /** What was said stands: it can neither be changed nor taken back. */
  readonly isFinal?: boolean;
  /** Whether the double says what stands there: else an answer may be there twice after a kill. */
  readonly canTell: boolean;
  open(options: StageOptions): Promise<OnPlatform>;
  openKillable(): Promise<Killable>;
}
