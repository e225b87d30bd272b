import { clipped } from '../../src/chat/clipped.ts';
import type { Json } from '../../src/chat/json.ts';
import type { Reply, Source } from '../../src/chat/reply.ts';
import { moreWords } from '../../src/chat/restate.ts';
import { approvalsBlocks } from './approval-blocks.ts';
import { concernBlocks, mentionText } from './concern-blocks.ts';
import { detailsBlocks } from './details.ts';
import { limits } from './limits.ts';
import { plainText } from './mrkdwn.ts';
import { type Attached, pagesOf } from './pages.ts';
import { escaped } from './safe-text.ts';

/** One message of a reply. */
export interface Message {
  readonly blocks: readonly Json[];
  /** For notifications, and for where blocks are refused; `mrkdwn`. */
  readonly text: string;
}

/** A reply as Slack gets it. */
export interface Rendered {
  readonly messages: readonly Message[];
  readonly files: readonly Attached[];
}

const marks: Readonly<Record<Reply['kind'], string>> = {
  answer: '',
  approval: '',
  stopped: '⏹️ ',
  error: '⚠️ ',
};

/** What a reply is drawn with, besides itself. */
export interface Around {
  /** The tools that ran, by name, for a quiet line. */
  readonly done?: readonly string[];
  /** The workspace whose people can be notified. */
  readonly team?: string;
}

/**
 * Draws a reply within Slack's limits. What needs attention, and whom it is told, stands in its first message, so
 * that one edit draws it anew.
 */
export function renderReply(reply: Reply, { done = [], team = '' }: Around = {}): Rendered {
  const repeated = reply.possiblyRepeated === true ? '_This may be a repetition._\n\n' : '';
  const text = `${repeated}${marks[reply.kind]}${reply.text}`;
  const besides = attentionOf(reply, team);
  const { pages, files } = pagesOf(text, besides);
  const end = endOf(reply, done);
  const tail = [...askedBlocks(reply, [...(pages.at(-1) ?? []), ...besides, ...end]), ...end];
  const messages = pages.map((page, n) => [
    ...page,
    ...(n === 0 ? besides : []),
    ...(n === pages.length - 1 ? tail : []),
  ]);
  const told = mentionText(reply.mentions, team);
  const fallback = clipped(
    plainText(text) || '(no words)',
    told === '' ? limits.text : limits.text - told.length - 1,
  );
  const first = told === '' ? fallback : `${told} ${fallback}`;
  return { messages: messages.map((blocks, n) => ({ blocks, text: n === 0 ? first : '…' })), files };
}

function askedBlocks({ approvals = [] }: Reply, besides: readonly Json[]): readonly Json[] {
  return approvalsBlocks(approvals, besides).flat();
}

/** Whom a reply is told, what people can do about what needs attention, and what it rests on. */
function attentionOf({ mentions, concern, details = [], turnId }: Reply, team: string): readonly Json[] {
  const told = mentionText(mentions, team);
  const block = { type: 'section', text: { type: 'mrkdwn', text: clipped(told, limits.section) } };
  return [
    ...(told === '' ? [] : [block]),
    ...(concern === undefined ? [] : concernBlocks(concern)),
    ...detailsBlocks(details, turnId),
  ];
}

/** The quiet lines below an answer, and the buttons that ask how it was. */
function endOf(reply: Reply, done: readonly string[]): readonly Json[] {
  const used = done.length === 0 ? '' : escaped(clipped(`Used ${done.join(', ')}`, 300));
  const elements = [...sourceLines(reply.sources ?? []), used, escaped(reply.footer ?? '')]
    .filter((line) => line !== '')
    .map((line) => ({ type: 'mrkdwn', text: line }));
  const footer = elements.length === 0 ? [] : [{ type: 'context', elements }];
  const isModels = reply.kind === 'answer' && reply.isWithoutModel !== true;
  return isModels ? [...footer, feedback(reply.turnId)] : footer;
}

/** One line of links, or as many as it takes: a line holds only so many characters. */
function sourceLines(sources: readonly Source[]): readonly string[] {
  const links = sources.map(
    ({ title, url }) => `<${new URL(url).href.replaceAll('|', '%7C')}|${label(title)}>`,
  );
  const lines: string[] = [];
  for (const link of links) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + link.length < 1900) lines[lines.length - 1] = `${last} · ${link}`;
    else if (link.length < 1900) lines.push(`Sources: ${link}`);
  }
  return lines.slice(0, 3);
}

function label(title: string): string {
  return escaped(clipped(title, 80)).replaceAll('|', '¦');
}

function feedback(turnId: string): Json {
  const button = (text: string, value: string) => ({
    text: { type: 'plain_text', text },
    value: `${value}:${turnId}`,
  });
  return {
    type: 'context_actions',
    elements: [
      {
        type: 'feedback_buttons',
        action_id: 'feedback',
        positive_button: button('Good answer', 'good'),
        negative_button: button('Bad answer', 'bad'),
      },
    ],
  };
}

/** A message whose words go on nowhere. */
export function withMore({ text, blocks }: Message): Message {
  return { text, blocks: [...blocks, { type: 'context', elements: [{ type: 'mrkdwn', text: moreWords }] }] };
}

/** The same message in plain words, for a workspace that refuses its blocks. */
export function withoutBlocks(message: Message, reply: Reply, part: number): Message {
  const attention = part > 0 || reply.concern === undefined ? [] : concernBlocks(reply.concern);
  const said = { type: 'section', text: { type: 'mrkdwn', text: clipped(message.text, limits.section) } };
  const asked = askedBlocks(reply, [said, ...attention]);
  // Slack shows blocks in the place of the text.
  return { text: message.text, blocks: attention.length === 0 ? asked : [said, ...asked, ...attention] };
}
