import { arrivalOf, isHeard, messageArrival, typed } from './arrivals.ts';
import type { Delivered, DeliveryOptions } from './delivery.ts';
import { type Json, records } from './json.ts';
import type { FakeTeams } from './server.ts';
import { addMessage, conversationAt, placeOf, type TeamsMessage, type TeamsUser } from './state.ts';

/** What somebody wrote, and how the bot acknowledged it. */
export interface Said {
  readonly message: TeamsMessage;
  readonly id: string;
  /** With the thread, in a channel. */
  readonly conversation: string;
  /** As it goes to the bot. */
  readonly activity: Json;
  /** None when the bot does not hear it, or when it is held back. */
  readonly tries: readonly Delivered[];
}

export interface SayOptions extends DeliveryOptions {
  readonly attachments?: readonly Json[];
  /** A quoted reply to this message. */
  readonly quote?: TeamsMessage;
  /** Others whom the words mention, as `<at>name</at>`. */
  readonly whom?: readonly TeamsUser[];
  /** It stands in the chat, and the bot is told only by a later `deliver`. */
  readonly isHeld?: boolean;
}

/** What people write. */
export interface Writing {
  /** Writes; in a channel without a thread it begins one. */
  say(user: TeamsUser, conversation: string, words: string, more?: SayOptions): Promise<Said>;
  /** The same with the bot's name before it. */
  mention(user: TeamsUser, conversation: string, words: string, more?: SayOptions): Promise<Said>;
  /** Sends an activity to the bot: late, again, with a bad token. */
  deliver(activity: Json, options?: DeliveryOptions): Promise<readonly Delivered[]>;
  /** `isMention`: the words mention the bot now; absent: as before. */
  edit(
    message: TeamsMessage,
    words: string,
    more?: { readonly isMention?: boolean },
  ): Promise<readonly Delivered[]>;
  softDelete(message: TeamsMessage): Promise<readonly Delivered[]>;
  undelete(message: TeamsMessage): Promise<readonly Delivered[]>;
  /** Reacts; the bot hears of reactions to its own messages. */
  react(user: TeamsUser, message: TeamsMessage, type: string): Promise<readonly Delivered[]>;
  unreact(user: TeamsUser, message: TeamsMessage, type: string): Promise<readonly Delivered[]>;
}

export function writing(teams: FakeTeams): Writing {
  const { tenant, delivery } = teams;

  async function write(
    user: TeamsUser,
    conversation: string,
    words: string,
    isMention: boolean,
    { attachments = [], quote, whom = [], isHeld = false, ...options }: SayOptions,
  ): Promise<Said> {
    const place = conversationAt(tenant, conversation);
    if (place?.members.has(user.id) !== true) throw new Error(`${user.name} is not in ${conversation}`);
    const id = tenant.nextMessageId(conversation);
    const begins = place.kind === 'channel' && placeOf(conversation).root === undefined;
    const message = addMessage(tenant, {
      id,
      conversation: begins ? `${conversation};messageid=${id}` : conversation,
      by: user.id,
      activity: typed(teams, { words, isMention, quote, attachments, whom }),
    });
    const activity = messageArrival(teams, message);
    const tries = isHeld || !isHeard(teams, message) ? [] : await delivery.event(activity, options);
    return { message, id, conversation: message.conversation, activity, tries };
  }

  async function tell(message: TeamsMessage, type: string, eventType: string): Promise<readonly Delivered[]> {
    if (!isHeard(teams, message)) return [];
    return await delivery.event(messageArrival(teams, message, type, { eventType }));
  }

  async function reaction(
    user: TeamsUser,
    message: TeamsMessage,
    name: 'reactionsAdded' | 'reactionsRemoved',
    type: string,
  ): Promise<readonly Delivered[]> {
    if (message.by !== tenant.bot.id) return [];
    const more = { [name]: [{ type }], replyToId: message.id };
    const { conversation } = message;
    return await delivery.event(arrivalOf(teams, { type: 'messageReaction', conversation, user, more }));
  }

  return {
    say: (user, conversation, words, more = {}) => write(user, conversation, words, false, more),
    mention: (user, conversation, words, more = {}) => write(user, conversation, words, true, more),
    deliver: (activity, options) => delivery.event(activity, options),
    edit(message, words, more = {}) {
      const before = records(message.activity.entities).some((entity) => entity.type === 'mention');
      const isMention = more.isMention ?? before;
      message.previous.push(message.activity);
      message.activity = typed(teams, { words, isMention, quote: undefined, attachments: [] });
      return tell(message, 'messageUpdate', 'editMessage');
    },
    async softDelete(message) {
      const tries = await tell(message, 'messageDelete', 'softDeleteMessage');
      message.isDeleted = true;
      return tries;
    },
    undelete(message) {
      message.isDeleted = false;
      return tell(message, 'messageUpdate', 'undeleteMessage');
    },
    react(user, message, type) {
      message.reactions.push({ type, by: user.id });
      return reaction(user, message, 'reactionsAdded', type);
    },
    unreact(user, message, type) {
      const at = message.reactions.findIndex((known) => known.type === type && known.by === user.id);
      if (at < 0) throw new Error(`${user.name} did not react with ${type}`);
      message.reactions.splice(at, 1);
      return reaction(user, message, 'reactionsRemoved', type);
    },
  };
}
