import { changesText } from '../../src/chat/changes-text.ts';
import { clipped } from '../../src/chat/clipped.ts';
import { type Json, textOf } from '../../src/chat/json.ts';
import type { ApprovalCard, ApprovalDecision } from '../../src/chat/reply.ts';
import { fenced } from '../../src/chat/segments.ts';
import { limits } from './limits.ts';
import { escaped, harmless } from './safe-text.ts';

/** Arguments longer than this are shown in full only in a modal, and so are changes. */
const argumentsShown = 1500;
/** However many cards there are. */
const leastShown = 100;

const words: Readonly<Record<ApprovalCard['state'], string>> = {
  pending: '🟡 Waits for a decision',
  approved: '✅ Approved',
  denied: '⛔ Denied',
  expired: '⌛ Expired',
  cancelled: '➖ Cancelled',
};

/** The same of a call that a person gave the result of. */
const answered = '💬 Answered';

const effects: Readonly<Record<ApprovalCard['effect'], string>> = {
  read: 'reads',
  write: 'changes something',
  destructive: '⚠️ may destroy something',
};

/** What all blocks of an approval begin their ids with. */
export const blockPrefix = 'approval:';

/** The questions of one message, by their cards, which share what is left of it beside its other blocks. */
export function approvalsBlocks(
  cards: readonly ApprovalCard[],
  besides: readonly Json[],
): readonly (readonly Json[])[] {
  let most = argumentsShown;
  let drawn = cards.map((card) => approvalBlocks(card, most));
  while (most > leastShown && !fits([...besides, ...drawn.flat()])) {
    most = Math.floor(most * 0.8);
    drawn = cards.map((card) => approvalBlocks(card, most));
  }
  return drawn;
}

function fits(blocks: readonly Json[]): boolean {
  const markdown = blocks.map(({ type, text }) => (type === 'markdown' ? textOf(text).length : 0));
  const all = markdown.reduce((sum, length) => sum + length, 0);
  return all <= limits.markdown && JSON.stringify(blocks).length <= limits.payload;
}

/**
 * A question to people as blocks; buttons only while it is open, but for Details of what was cut. Of the call,
 * and of what was changed, `most` characters are shown.
 */
export function approvalBlocks(card: ApprovalCard, most = argumentsShown): readonly Json[] {
  if (card.kind !== undefined && card.kind !== 'approval') return needBlocks(card);
  const id = `${blockPrefix}${card.id}`;
  const call = callText(card, most);
  const title = `*\`${escaped(card.tool)}\`* ${effects[card.effect]}`;
  const note = card.note === undefined || card.note === '' ? '' : `\n_${escaped(clipped(card.note, 500))}_`;
  return [
    {
      type: 'section',
      block_id: `${id}:title`,
      text: { type: 'mrkdwn', text: clipped(`${title}${note}`, 2900) },
    },
    { type: 'markdown', block_id: `${id}:call`, text: call.text },
    { type: 'context', block_id: `${id}:state`, elements: [{ type: 'mrkdwn', text: stateLine(card) }] },
    ...(card.state === 'pending' ? buttons(card) : call.isCut ? [detailsAlone(card)] : []),
  ];
}

const needs: Readonly<Record<string, string>> = {
  sign_in: 'asks you to sign in',
  form: 'asks you something',
  link: 'asks you to open a page',
};

/** What only the asker can give: they alone see what it is. */
function needBlocks(card: ApprovalCard): readonly Json[] {
  const id = `${blockPrefix}${card.id}`;
  const title = `*${escaped(card.server ?? card.tool)}* ${needs[card.kind ?? ''] ?? 'needs something of you'}, ${escaped(card.askedBy)}.`;
  const choices = [
    {
      type: 'button',
      action_id: 'need_open',
      text: { type: 'plain_text', text: 'Show me' },
      value: card.id,
      style: 'primary',
    },
    {
      type: 'button',
      action_id: 'need_decline',
      text: { type: 'plain_text', text: 'Decline' },
      value: card.id,
    },
  ];
  return [
    { type: 'section', block_id: `${id}:title`, text: { type: 'mrkdwn', text: clipped(title, 2900) } },
    { type: 'context', block_id: `${id}:state`, elements: [{ type: 'mrkdwn', text: stateLine(card) }] },
    ...(card.state === 'pending' ? [{ type: 'actions', block_id: `${id}:buttons`, elements: choices }] : []),
  ];
}

/** What was asked, or what runs in its place with what was changed. */
function callText(card: ApprovalCard, most: number): { readonly text: string; readonly isCut: boolean } {
  const [all, call] = [changesText(card), harmless(card.edited ?? card.arguments)];
  const changes = clipped(harmless(all), most);
  const isCut = call.length > most || harmless(all).length > most;
  const parts = [
    fenced(call.slice(0, most), 'json'),
    ...(changes === '' ? [] : [`Changed:\n${fenced(changes, 'diff')}`]),
    ...(isCut ? ['_Cut here; Details shows all of it._'] : []),
  ];
  return { text: parts.join('\n'), isCut };
}

function stateLine({ state, askedBy, decidedBy, expiresAt, ...card }: ApprovalCard): string {
  const by = decidedBy === undefined ? '' : ` by ${escaped(decidedBy)}`;
  const said = card.response ?? card.reason ?? '';
  const why = said === '' ? '' : `: “${escaped(clipped(said, 500))}”`;
  const seconds = Math.floor(Date.parse(expiresAt) / 1000);
  const until =
    state === 'pending' ? ` until <!date^${seconds}^{date_short_pretty} {time}|${expiresAt}>` : '';
  const how = card.response === undefined ? words[state] : answered;
  const changed = card.edited === undefined ? '' : ' with changes';
  return `${how}${changed}${by}${why}${until} · asked by ${escaped(askedBy)}`;
}

/** Those that this question allows. */
function buttons({ id, allows = ['approve', 'deny'] }: ApprovalCard): readonly Json[] {
  const known: Readonly<Record<ApprovalDecision, Json>> = {
    approve: button(id, 'approve', 'Approve', 'primary'),
    edit: button(id, 'edit', 'Edit…'),
    deny: button(id, 'deny', 'Deny', 'danger'),
    respond: button(id, 'respond', 'Respond…'),
  };
  const elements = [...allows.map((decision) => known[decision]), button(id, 'details', 'Details')];
  return [{ type: 'actions', block_id: `${blockPrefix}${id}:buttons`, elements }];
}

function detailsAlone({ id }: ApprovalCard): Json {
  const elements = [button(id, 'details', 'Details')];
  return { type: 'actions', block_id: `${blockPrefix}${id}:details`, elements };
}

function button(id: string, action: string, text: string, style?: string): Json {
  return {
    type: 'button',
    action_id: `approval_${action}`,
    text: { type: 'plain_text', text },
    value: id,
    ...(style === undefined ? {} : { style }),
  };
}

/** The modal that shows the exact call: what runs, or ran, and what was changed of what was asked. */
export function detailsView(card: ApprovalCard): Json {
  const changes = changesText(card);
  const call = codeBlocks(card.edited ?? card.arguments, changes === '' ? 85 : 45);
  const changed = changes === '' ? [] : [contextLine('Changed:'), ...codeBlocks(changes, 40)];
  return {
    type: 'modal',
    callback_id: 'approval_details',
    title: { type: 'plain_text', text: 'The exact call' },
    close: { type: 'plain_text', text: 'Close' },
    blocks: [
      {
        type: 'section',
        text: { type: 'mrkdwn', text: `*\`${escaped(card.tool)}\`* ${effects[card.effect]}` },
      },
      ...call,
      ...changed,
      contextLine(stateLine(card)),
    ],
  };
}

/** At most so many. */
function codeBlocks(text: string, most: number): readonly Json[] {
  const pieces = text.match(/[\s\S]{1,2800}/g) ?? [''];
  const more = pieces.length > most ? [contextLine('There is more: the console shows all of it.')] : [];
  const blocks = pieces.slice(0, most).map((piece) => ({
    type: 'rich_text',
    elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text: piece }] }],
  }));
  return [...blocks, ...more];
}

function contextLine(text: string): Json {
  return { type: 'context', elements: [{ type: 'mrkdwn', text }] };
}

/** The modal that asks why something is denied. */
export function denyView(card: ApprovalCard, place: string): Json {
  return {
    type: 'modal',
    callback_id: 'approval_deny',
    private_metadata: place,
    title: { type: 'plain_text', text: 'Deny' },
    submit: { type: 'plain_text', text: 'Deny' },
    close: { type: 'plain_text', text: 'Back' },
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: `*\`${escaped(card.tool)}\`* will not run.` } },
      {
        type: 'input',
        block_id: 'reason',
        optional: true,
        label: { type: 'plain_text', text: 'Reason' },
        hint: { type: 'plain_text', text: 'The model and who asked will read it.' },
        element: { type: 'plain_text_input', action_id: 'reason', multiline: true, max_length: 1000 },
      },
    ],
  };
}
