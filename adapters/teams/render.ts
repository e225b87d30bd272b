import { type Json, records, textOf } from '../../src/chat/json.ts';
import type { Reply } from '../../src/chat/reply.ts';
import { approvalMessage } from './approval-cards.ts';
import { attached, cardOf, quiet, wide } from './card-parts.ts';
import { type CardEnd, concernEnd } from './concern-cards.ts';
import { detailsEnd } from './detail-cards.ts';
import { type Notified, toldIn } from './mentions.ts';
import { type Attached, type Page, pagesOf, pagesWithoutFiles } from './pages.ts';
import { safeProse } from './safe-text.ts';
import { bytesOfCard } from './sizes.ts';
import { citationsIn, type Source, sourcesOf, withSources } from './sources.ts';

/** A reply as Teams gets it: activities without their conversation, in order, and files that belong to it. */
export interface Rendered {
  readonly messages: readonly Json[];
  readonly files: readonly Attached[];
}

export interface RenderOptions {
  /** A label of the organisation, shown on every answer. */
  readonly sensitivity?: { readonly name: string; readonly description?: string };
  /** Whom Teams can notify. */
  readonly notified?: Notified;
}

const marks: Readonly<Record<Reply['kind'], string>> = {
  answer: '',
  approval: '',
  stopped: '⏹️',
  error: '⚠️',
};

/**
 * Draws a reply within Teams' limits. `done` names the tools that ran, for a quiet line. Each approval is
 * a message of its own, so that it can be replaced alone; what needs attention stands in the first message. What no
 * model said has no AI label, and nobody is asked what they think of it.
 */
export function renderReply(
  reply: Reply,
  done: readonly string[] = [],
  options: RenderOptions = {},
): Rendered {
  const isAnswer = reply.kind === 'answer';
  const isModels = isAnswer && reply.isWithoutModel !== true;
  const { markdown, sources } = isAnswer
    ? sourcesOf(withSources(reply))
    : { markdown: reply.text, sources: [] };
  const { mentions } = reply;
  const end = endOf(reply);
  const room = end.body.length + end.actions.length === 0 ? 0 : bytesOfCard(end);
  const { pages, files } = pagesOf(introduced(reply, markdown), room);
  const ended = [...pages.slice(0, -1), withQuietLine(pages.at(-1) ?? { text: '', body: [] }, reply, done)];
  const messages = ended.map((page, n) => {
    const message = messageOf(page, n === 0 ? end : noEnd);
    if (!isAnswer) return message;
    const isLast = n === ended.length - 1;
    const labelled = told(
      { ...message, ...labels(page.text, sources, { ...options, isModels }) },
      toldIn(n === 0 ? mentions : [], options.notified),
    );
    return { ...labelled, ...(isModels && isLast ? feedback : {}) };
  });
  return { messages: [...messages, ...(reply.approvals ?? []).map(approvalMessage)], files };
}

/** Markdown of the bot itself, such as a list: messages without labels, and no files. */
export function renderMarkdown(markdown: string): readonly Json[] {
  return pagesWithoutFiles(markdown).map((page) => messageOf(page, noEnd));
}

const feedback = { channelData: { feedbackLoop: { type: 'default' } } };

function introduced({ kind, possiblyRepeated }: Reply, markdown: string): string {
  const repeated = possiblyRepeated === true ? '*This may be a repetition.*\n\n' : '';
  const isBlock = /^\s*[#|`>*+~\d-]/.test(markdown);
  const mark = marks[kind] === '' ? '' : `${marks[kind]}${isBlock ? '\n\n' : ' '}`;
  return `${repeated}${mark}${markdown}`;
}

const noEnd: CardEnd = { body: [], actions: [] };

/** What needs attention, and what it all rests on. */
function endOf({ concern, details = [] }: Reply): CardEnd {
  const ends = [concern === undefined ? noEnd : concernEnd(concern), detailsEnd(details)];
  return { body: ends.flatMap(({ body }) => body), actions: ends.flatMap(({ actions }) => actions) };
}

function messageOf({ text, body }: Page, end: CardEnd): Json {
  const words = text.trim() === '' && body.length === 0 ? '(no words)' : text;
  const card = cardOf([...body, ...end.body], end.actions);
  const isEmpty = body.length + end.body.length + end.actions.length === 0;
  return {
    type: 'message',
    textFormat: 'markdown',
    text: words,
    ...(isEmpty ? {} : { attachments: [attached(body.length === 0 ? card : wide(card))] }),
  };
}

/** A message that begins with those whom it is told. */
function told(message: Json, { text, entities }: ReturnType<typeof toldIn>): Json {
  if (text === '') return message;
  const all = [...records(message.entities), ...entities];
  const words = { ...message, text: `${text} ${textOf(message.text)}`.trim() };
  return all.length === 0 ? words : { ...words, entities: all };
}

/** The tools and the small print: at the end of the text, or of the card where there is one. */
function withQuietLine(page: Page, { footer = '' }: Reply, done: readonly string[]): Page {
  const tools = done.length <= 10 ? done : [...done.slice(0, 10), `${done.length - 10} more`];
  if (tools.length === 0 && footer === '') return page;
  if (page.body.length > 0) {
    const words = [tools.length === 0 ? '' : `Used ${tools.join(', ')}`, footer];
    return { ...page, body: [...page.body, quiet(words.filter((word) => word !== '').join(' · '))] };
  }
  const used = tools.length === 0 ? '' : `*Used* ${tools.map((tool) => `\`${tool}\``).join(', ')}`;
  const print = footer === '' ? '' : `*${safeProse(footer.replaceAll('*', '\\*'))}*`;
  const line = [used, print].filter((words) => words !== '').join(' · ');
  return { ...page, text: page.text === '' ? line : `${page.text}\n\n${line}` };
}

/** https://learn.microsoft.com/microsoftteams/platform/bots/how-to/bot-messages-ai-generated-content */
function labels(
  text: string,
  sources: readonly Source[],
  { sensitivity, isModels }: RenderOptions & { readonly isModels: boolean },
): Json {
  const citation = citationsIn(text, sources);
  const usageInfo = { type: 'https://schema.org/Message', '@type': 'CreativeWork', ...sensitivity };
  if (!isModels && citation.length === 0 && sensitivity === undefined) return {};
  const entity = {
    type: 'https://schema.org/Message',
    '@type': 'Message',
    '@context': 'https://schema.org',
    ...(isModels ? { additionalType: ['AIGeneratedContent'] } : {}),
    ...(citation.length === 0 ? {} : { citation }),
    ...(sensitivity === undefined ? {} : { usageInfo }),
  };
  return { entities: [entity] };
}
