import { adaptiveCard } from './activities.ts';
import { nameOf } from './arrivals.ts';
import { buttonsOf, wordsOf } from './card-parts.ts';
import { type Json, record, records, text } from './json.ts';
import { conversationAt, placeOf, type TeamsMessage, type TeamsTenant, type TeamsUser } from './state.ts';

/** A message as one person sees it. */
export interface Shown {
  readonly message: TeamsMessage;
  readonly id: string;
  /** A name. */
  readonly by: string;
  readonly text: string;
  /** The text, and all words of the cards. */
  readonly words: string;
  readonly cards: readonly Json[];
  /** Titles of the cards' buttons. */
  readonly buttons: readonly string[];
  /** Titles of the suggested actions below it. */
  readonly suggested: readonly string[];
  /** The line of a stream that has no text yet. */
  readonly informative: string;
  readonly isStreaming: boolean;
  readonly isEdited: boolean;
  /** Whether it is labelled as made by AI. */
  readonly isLabelled: boolean;
  /** Titles of the sources, in their order. */
  readonly citations: readonly string[];
  readonly sensitivity: string | undefined;
  readonly hasFeedback: boolean;
  /** Names of files and images. */
  readonly files: readonly string[];
  readonly reactions: readonly string[];
}

/** What somebody sees of a conversation, oldest first: of a channel all threads, of a thread its own. */
export function shownTo(tenant: TeamsTenant, user: TeamsUser, conversation: string): readonly Shown[] {
  if (conversationAt(tenant, conversation)?.members.has(user.id) !== true) return [];
  const isWhole = placeOf(conversation).root === undefined;
  return tenant.messages
    .filter((message) => !message.isDeleted && (message.onlyFor ?? user.id) === user.id)
    .filter(
      ({ conversation: where }) =>
        where === conversation || (isWhole && placeOf(where).base === conversation),
    )
    .map((message) => shownAs(tenant, message, user));
}

export function shownAs(tenant: TeamsTenant, message: TeamsMessage, user: TeamsUser): Shown {
  const { activity, stream } = message;
  const cards = cardsFor(message, user);
  const words = text(activity.text);
  const label =
    records(activity.entities).find((entity) => entity.type === 'https://schema.org/Message') ?? {};
  const { feedbackLoop, feedbackLoopEnabled } = record(activity.channelData);
  return {
    message,
    id: message.id,
    by: nameOf(tenant, message.by),
    text: words,
    words: [words, ...cards.map(wordsOf)].join('\n'),
    cards,
    buttons: cards.flatMap(buttonsOf).map((button) => button.title),
    suggested: records(record(activity.suggestedActions).actions).map((action) => text(action.title)),
    informative: stream?.informative ?? '',
    isStreaming: stream?.state === 'open',
    isEdited: message.previous.length > 0,
    isLabelled: Array.isArray(label.additionalType) && label.additionalType.includes('AIGeneratedContent'),
    citations: records(label.citation).map((source) => text(record(source.appearance).name)),
    sensitivity: label.usageInfo === undefined ? undefined : text(record(label.usageInfo).name),
    hasFeedback: feedbackLoop !== undefined || feedbackLoopEnabled === true,
    files: records(activity.attachments)
      .filter(({ contentType }) => /^image\/|\.file\./.test(text(contentType)))
      .map((attachment) => text(attachment.name)),
    reactions: message.reactions.map((reaction) => reaction.type),
  };
}

/** The Adaptive Cards of a message, as changed for this person. */
export function cardsFor(message: TeamsMessage, user: TeamsUser): readonly Json[] {
  return records(message.activity.attachments)
    .filter((attachment) => attachment.contentType === adaptiveCard)
    .map((attachment, at) => message.ownCards.get(`${user.id}:${at}`) ?? record(attachment.content));
}
