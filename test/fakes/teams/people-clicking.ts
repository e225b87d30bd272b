import { arrivalOf } from './arrivals.ts';
import { inputsOf } from './card-parts.ts';
import type { Delivered } from './delivery.ts';
import {
  type Choice,
  type Outcome,
  outcomeOfExecute,
  outcomeOfSearch,
  outcomeOfSilent,
  outcomeOfTask,
} from './invoking.ts';
import { isRecord, type Json, record, records, text } from './json.ts';
import { type Press, pressOf } from './pressing.ts';
import type { FakeTeams } from './server.ts';
import { cardsFor, shownTo } from './shown.ts';
import { addMessage, placeOf, type TeamsMessage, type TeamsUser } from './state.ts';
import { openStream } from './streaming.ts';

/** A dialog that somebody looks at. */
export interface Dialog {
  readonly title: string;
  readonly card: Json;
  /** The message that it was opened from. */
  readonly message: TeamsMessage;
  /** Set when it asks for words on an answer: what they thought of it. */
  readonly feedback?: 'like' | 'dislike';
}

/** What people press. */
export interface Clicking {
  /**
   * Presses a button that the person sees on a card of the message, with what they filled in. An answer
   * changes what they see: their card, a dialog, a notice.
   */
  click(user: TeamsUser, message: TeamsMessage, title: string, values?: Values): Promise<Delivered>;
  /**
   * Looks at a card that has a `refresh`: Teams asks by itself for those whom it names, and for others when
   * they ask for it.
   */
  refresh(user: TeamsUser, message: TeamsMessage): Promise<Delivered>;
  dialog(user: TeamsUser): Dialog | undefined;
  /** Presses a button of the open dialog. */
  submit(user: TeamsUser, title: string, values?: Values): Promise<Delivered>;
  closeDialog(user: TeamsUser): void;
  /**
   * Types into a choice set whose choices the bot finds; they can be chosen afterwards. Other inputs go with
   * it where the query says `associatedInputs: 'auto'`.
   */
  search(
    user: TeamsUser,
    on: TeamsMessage | Dialog,
    input: string,
    words: string,
    others?: Values,
  ): Promise<readonly Choice[]>;
  /** Presses a suggested action of the newest message that has one of this title. */
  choose(user: TeamsUser, conversation: string, title: string): Promise<readonly Delivered[]>;
  /** Thumb up or down. Where the bot asks for words itself, a dialog opens and nothing is sent yet. */
  feedback(
    user: TeamsUser,
    message: TeamsMessage,
    reaction: 'like' | 'dislike',
    words?: string,
  ): Promise<Delivered>;
  /** Presses Stop below the stream that runs in a chat: its next request is refused. */
  stop(user: TeamsUser, conversation: string): void;
  /** What Teams told this person beside the chat: errors, and words that the bot answered with. */
  notices(user: TeamsUser): readonly string[];
}

export type Values = Readonly<Record<string, unknown>>;

/** Writes words into a conversation as a person does. */
export type Say = (user: TeamsUser, conversation: string, words: string) => Promise<readonly Delivered[]>;

export function clicking(teams: FakeTeams, say: Say): Clicking {
  const { tenant, delivery } = teams;
  const dialogs = new Map<string, Dialog>();
  const noticed = new Map<string, string[]>();
  const found = new Map<string, Map<string, Set<string>>>();
  const foundBy = (user: TeamsUser) => found.get(user.id) ?? new Map<string, Set<string>>();

  function invoke(user: TeamsUser, message: TeamsMessage, name: string, value: Json): Promise<Delivered> {
    const { conversation, id } = message;
    const more = { name, value, replyToId: id };
    const channelData = { source: { name: 'message' }, legacy: { replyToId: id } };
    return delivery.invoke(arrivalOf(teams, { type: 'invoke', conversation, user, more, channelData }));
  }

  function see(user: TeamsUser, message: TeamsMessage, outcome: Outcome, cardAt = 0): void {
    if (outcome.kind === 'card') message.ownCards.set(`${user.id}:${cardAt}`, outcome.card);
    if (outcome.kind === 'dialog') {
      const { title, card } = outcome;
      dialogs.set(user.id, { title, card, message });
    }
    if (outcome.kind === 'notice') noticed.set(user.id, [...(noticed.get(user.id) ?? []), outcome.words]);
  }

  function look(user: TeamsUser, message: TeamsMessage): void {
    const seen = shownTo(tenant, user, placeOf(message.conversation).base);
    if (!seen.some((shown) => shown.message === message))
      throw new Error(`${user.name} does not see the message`);
  }

  async function execute(
    user: TeamsUser,
    message: TeamsMessage,
    press: Press,
    trigger: 'manual' | 'automatic' = 'manual',
  ): Promise<Delivered> {
    const { id, verb, data } = press.action;
    const action = { type: 'Action.Execute', id, verb, data: { ...record(data), ...press.inputs } };
    const delivered = await invoke(user, message, 'adaptiveCard/action', { action, trigger });
    see(user, message, outcomeOfExecute(delivered), press.cardAt);
    return delivered;
  }

  async function fetchTask(user: TeamsUser, message: TeamsMessage, data: Json): Promise<Delivered> {
    const delivered = await invoke(user, message, 'task/fetch', { data, context: { theme: 'default' } });
    see(user, message, outcomeOfTask(delivered));
    return delivered;
  }

  /** Action.Submit: an invoke, a message of the person, or a message that nobody sees. */
  async function submitted(user: TeamsUser, message: TeamsMessage, press: Press): Promise<Delivered> {
    const given = press.action.data;
    const data = { ...record(given), ...press.inputs };
    const special = record(record(given).msteams);
    if (special.type === 'task/fetch') return await fetchTask(user, message, data);
    if (special.type === 'imBack') return last(await say(user, message.conversation, text(special.value)));
    const isBack = special.type === 'messageBack';
    const { conversation, id } = message;
    if (isBack && text(special.displayText) !== '')
      addMessage(tenant, { conversation, by: user.id, activity: { text: special.displayText } });
    const { msteams: _msteams, ...rest } = data;
    const value = isBack && isRecord(special.value) ? { ...special.value, ...press.inputs } : rest;
    const more = { ...(isBack ? { text: text(special.text) } : {}), value, replyToId: id };
    const own = { type: 'message', conversation, user, id: tenant.nextMessageId(conversation), more };
    return last(await delivery.event(arrivalOf(teams, own)));
  }

  async function answerDialog(user: TeamsUser, dialog: Dialog, press: Press): Promise<Delivered> {
    const data = { ...record(press.action.data), ...press.inputs };
    const { message, feedback } = dialog;
    if (feedback !== undefined) {
      dialogs.delete(user.id);
      return await think(user, message, feedback, JSON.stringify(data));
    }
    const delivered = await invoke(user, message, 'task/submit', { data, context: { theme: 'default' } });
    const outcome = outcomeOfTask(delivered);
    if (delivered.status === 200 && outcome.kind !== 'dialog') dialogs.delete(user.id);
    see(user, message, outcome);
    return delivered;
  }

  async function think(user: TeamsUser, message: TeamsMessage, reaction: string, feedback: string) {
    const value = { actionName: 'feedback', actionValue: { reaction, feedback } };
    const delivered = await invoke(user, message, 'message/submitAction', value);
    see(user, message, outcomeOfSilent(delivered));
    return delivered;
  }

  async function askForWords(user: TeamsUser, message: TeamsMessage, reaction: 'like' | 'dislike') {
    const data = { actionName: 'feedback', actionValue: { reaction } };
    const delivered = await invoke(user, message, 'message/fetchTask', { data });
    const outcome = outcomeOfTask(delivered);
    see(user, message, outcome);
    const dialog = dialogs.get(user.id);
    if (outcome.kind === 'dialog' && dialog !== undefined)
      dialogs.set(user.id, { ...dialog, feedback: reaction });
    return delivered;
  }

  return {
    async click(user, message, title, values = {}) {
      look(user, message);
      const press = pressOf(cardsFor(message, user), title, values, foundBy(user));
      if (press.action.type === 'Action.Execute') return await execute(user, message, press);
      if (press.action.type === 'Action.Submit') return await submitted(user, message, press);
      throw new Error(`${title} sends nothing`);
    },
    async refresh(user, message) {
      look(user, message);
      const cards = cardsFor(message, user);
      const cardAt = cards.findIndex((card) => isRecord(card.refresh));
      const refresh = record(cards[cardAt]?.refresh);
      if (cardAt < 0) throw new Error('the message has no card that is refreshed');
      const isNamed = Array.isArray(refresh.userIds) && refresh.userIds.includes(user.id);
      const press = { action: record(refresh.action), cardAt, inputs: {} };
      return await execute(user, message, press, isNamed ? 'automatic' : 'manual');
    },
    dialog: (user) => dialogs.get(user.id),
    async submit(user, title, values = {}) {
      const dialog = dialogs.get(user.id);
      if (dialog === undefined) throw new Error(`${user.name} has no open dialog`);
      const press = pressOf([dialog.card], title, values, foundBy(user));
      if (press.action.type !== 'Action.Submit') throw new Error('a dialog is sent by Action.Submit');
      return await answerDialog(user, dialog, press);
    },
    closeDialog: (user) => void dialogs.delete(user.id),
    async search(user, on, input, words, others = {}) {
      const message = 'card' in on ? on.message : on;
      const cards = 'card' in on ? [on.card] : cardsFor(message, user);
      const set = cards.flatMap(inputsOf).find((one) => one.id === input);
      const query = record(set?.['choices.data']);
      if (query.type !== 'Data.Query') throw new Error(`${input} does not search`);
      const queryOptions = { skip: 0, top: 15 };
      const data = query.associatedInputs === 'auto' ? { data: others } : {};
      const value = { kind: 'search', queryText: words, queryOptions, dataset: query.dataset, ...data };
      const outcome = outcomeOfSearch(await invoke(user, message, 'application/search', value));
      see(user, message, outcome);
      if (outcome.kind !== 'choices') return [];
      const mine = foundBy(user);
      mine.set(
        input,
        new Set([...(mine.get(input) ?? []), ...outcome.choices.map((choice) => choice.value)]),
      );
      found.set(user.id, mine);
      return outcome.choices;
    },
    async choose(user, conversation, title) {
      const shown = shownTo(tenant, user, conversation).findLast(({ suggested }) =>
        suggested.includes(title),
      );
      if (shown === undefined) throw new Error(`${title} is not suggested`);
      const actions = records(record(shown.message.activity.suggestedActions).actions);
      const action = actions.find((one) => one.title === title) ?? {};
      if (action.type === 'imBack') return await say(user, shown.message.conversation, text(action.value));
      if (action.type !== 'Action.Submit') throw new Error(`${title} only writes into the box`);
      const more = { value: action.value, replyToId: shown.id };
      const id = tenant.nextMessageId(shown.message.conversation);
      const own = { type: 'message', conversation: shown.message.conversation, user, id, more };
      return await delivery.event(arrivalOf(teams, own));
    },
    async feedback(user, message, reaction, words = '') {
      look(user, message);
      const { feedbackLoop, feedbackLoopEnabled } = record(message.activity.channelData);
      if (feedbackLoop === undefined && feedbackLoopEnabled !== true)
        throw new Error('the message asks for no feedback');
      if (record(feedbackLoop).type === 'custom') return await askForWords(user, message, reaction);
      return await think(user, message, reaction, JSON.stringify({ feedbackText: words }));
    },
    stop(user, conversation) {
      const running = openStream(tenant, conversation)?.stream;
      if (running === undefined) throw new Error(`${user.name} sees no stream`);
      running.state = 'cancelled';
    },
    notices: (user) => noticed.get(user.id) ?? [],
  };
}

function last(tries: readonly Delivered[]): Delivered {
  return tries.at(-1) ?? { status: 0, body: undefined, ms: 0, attempt: 0 };
}
