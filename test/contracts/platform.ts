import type { Notice } from '../../src/inbox/port.ts';
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

/** What needs attention, as people see it on a platform, by the words that tell of it. */
export interface Attention {
  /** Where the bot tells of something by itself, and how. */
  notice(): Pick<Notice, 'platform' | 'place' | 'isPosted' | 'startedBy'>;
  /** As people are called where it is said who did something. */
  readonly names: Readonly<Record<Who, string>>;
  /** The message as everybody sees it, with its buttons' words. Undefined: nothing says that. */
  shown(words: string): Promise<string | undefined>;
  /** Presses one of its buttons; who may not chat is a stranger. */
  attend(words: string, who: Who | 'stranger', verb: 'acknowledge' | 'snooze' | 'reopen'): Promise<void>;
  /** Acknowledges by a button that somebody else's click has taken away meanwhile. */
  attendLate(id: string, who: Who): Promise<void>;
  /** Acknowledges another one by a button of this one, as a forged or an old one would. */
  attendAs(words: string, who: Who, id: string): Promise<void>;
  /** Says something in the thread that it opened. */
  say(words: string, said: string): Promise<void>;
  /** What only this person was told. */
  told(who: Who | 'stranger'): Promise<string>;
  /** The message, or what it stands in, is deleted. */
  remove(words: string): Promise<void>;
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
  /**
   * The approver changes the service in the form of the call and approves it so. What is wrong with it, as the
   * form says it; empty where it was taken.
   */
  approveAs(thread: string, service: string): Promise<string>;
  /** The approver answers in place of the tool. */
  respond(thread: string, words: string): Promise<void>;
  /** The question, as everybody sees it. */
  question(thread: string): Promise<string>;
  /** Whether the one who may not was told so, and nobody else. */
  wasRefused(thread: string): Promise<boolean>;
  /** How the question stands, as everybody sees it: `pending`, `approved` … */
  outcome(thread: string): Promise<string>;
  /** Whether anything in the conversation reached somebody who was not meant. */
  pinged(thread: string): Promise<boolean>;
  readonly attention: Attention;
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
