import type { AskerQuestion } from '../../src/chat/bot.ts';
import { changesText } from '../../src/chat/changes-text.ts';
import { clipped } from '../../src/chat/clipped.ts';
import { at, type Json, records, textOf } from '../../src/chat/json.ts';
import type { ApprovalCard, ApprovalDecision } from '../../src/chat/reply.ts';
import {
  cardMessage,
  cardOf,
  type Dialog,
  dialogOf,
  execute,
  inReadersTime,
  monospaced,
  opensDialog,
  plainBlock,
  quiet,
  richBlock,
  run,
  sayingDialog,
  textBlock,
} from './card-parts.ts';
import { needForm } from './forms.ts';
import { plainInCard, visible } from './safe-text.ts';
import { bytesOfCard, sizes } from './sizes.ts';
import { verbs } from './verbs.ts';

/** Arguments longer than this are shown in full only in a dialog. */
const argumentsShown = 1500;
const linesShown = 25;
const reasonLength = 500;
const responseLength = 4000;

interface Standing {
  readonly words: string;
  readonly color: string;
}

const states: Readonly<Record<ApprovalCard['state'], Standing>> = {
  pending: { words: '🟡 Waits for a decision', color: 'Warning' },
  approved: { words: '✅ Approved', color: 'Good' },
  denied: { words: '⛔ Denied', color: 'Attention' },
  expired: { words: '⌛ Expired', color: 'Default' },
  cancelled: { words: '➖ Cancelled', color: 'Default' },
};

/** How a call stands that a person gave the result of. */
const answered: Standing = { words: '💬 Answered', color: 'Default' };

/** The same of what only the asker can give. */
const needStates: typeof states = {
  ...states,
  pending: { words: '🟡 Waits for you', color: 'Warning' },
  approved: { words: '✅ Done', color: 'Good' },
  denied: { words: '⛔ Declined', color: 'Attention' },
};

const effects: Readonly<
  Record<ApprovalCard['effect'], { readonly words: string; readonly look: Readonly<Json> }>
> = {
  read: { words: 'reads', look: {} },
  write: { words: 'changes something', look: {} },
  destructive: { words: '⚠️ may destroy something', look: { color: 'Attention', weight: 'Bolder' } },
};

const idPrefix = 'approval:';

/** A question to people as a message of its own. */
export function approvalMessage(card: ApprovalCard): Json {
  return cardMessage(approvalCard(card), summaryOf(card));
}

/** Which approval a message of the bot asks for. */
export function approvalIn(activity: Json): string | undefined {
  const [attachment] = records(activity.attachments);
  const [first] = records(at(attachment, 'content', 'body'));
  const id = textOf(first?.id);
  return id.startsWith(idPrefix) ? id.slice(idPrefix.length) : undefined;
}

/** A question to people as a card; buttons only while it is open. */
export function approvalCard(card: ApprovalCard): Json {
  if (card.kind !== undefined && card.kind !== 'approval') return needCard(card);
  const call = card.edited ?? card.arguments;
  const [shown, changes] = [beginningOf(call), beginningOf(changesText(card))];
  const body = [
    { type: 'Container', id: `${idPrefix}${card.id}`, items: titleOf(card) },
    { type: 'Container', style: 'emphasis', items: [monospaced(visible(shown))] },
    ...(shown.length < call.length ? [quiet('Cut here; Details shows all of it.')] : []),
    ...changedPart(changes),
    ...standing(card, states),
    quiet(`Asked by ${card.askedBy}`),
  ];
  const isCut = shown.length < call.length || changes.length < changesText(card).length;
  return cardOf(body, card.state === 'pending' ? buttons(card) : isCut ? [detailsButton(card.id)] : []);
}

function beginningOf(text: string): string {
  const lines = text.split('\n').slice(0, linesShown).join('\n');
  return lines.slice(0, argumentsShown).replace(/[\uD800-\uDBFF]$/, '');
}

/** What whoever approved it changed. */
function changedPart(changes: string): readonly Json[] {
  return changes === '' ? [] : [quiet('Changed:'), monospaced(visible(changes))];
}

function summaryOf({ kind, server, tool, state }: ApprovalCard): string {
  if (kind !== undefined && kind !== 'approval') return `${server ?? tool} ${needs[kind]}`;
  return `${tool}: ${states[state].words}`;
}

function titleOf({ tool, effect, note = '' }: ApprovalCard): readonly Json[] {
  const { words, look } = effects[effect];
  const title = [run(visible(tool), { fontType: 'Monospace', weight: 'Bolder' }), run(` ${words}`, look)];
  return [richBlock(title), ...(note === '' ? [] : [plainBlock(clipped(note, 500), { italic: true })])];
}

/** How it stands, and until when in the reader's own time: only text blocks know dates. */
function standing(
  { state, decidedBy, reason = '', response, edited, expiresAt }: ApprovalCard,
  words: typeof states,
): readonly Json[] {
  const by = decidedBy === undefined ? '' : ` by ${plainInCard(decidedBy)}`;
  const until = state === 'pending' ? ` until ${inReadersTime(expiresAt)}` : '';
  const { words: how, color } = response === undefined ? words[state] : answered;
  const changed = edited === undefined ? '' : ' with changes';
  const said = response ?? reason;
  return [
    textBlock(`${how}${changed}${by}${until}`, { weight: 'Bolder', color }),
    ...(said === '' ? [] : [plainBlock(`“${clipped(said, reasonLength)}”`)]),
  ];
}

/** Those that this question allows. */
function buttons({ id: approvalId, allows = ['approve', 'deny'] }: ApprovalCard): readonly Json[] {
  const reason = {
    type: 'Input.Text',
    id: 'reason',
    label: 'Why? The model and who asked will read it.',
    placeholder: 'May be left empty',
    isMultiline: true,
    maxLength: reasonLength,
  };
  const message = {
    type: 'Input.Text',
    id: 'message',
    label: 'It will not run: the model gets your words in place of its result.',
    isMultiline: true,
    maxLength: responseLength,
  };
  const deny = execute('Deny', verbs.deny, { approvalId }, { style: 'destructive' });
  const respond = execute('Respond', verbs.respond, { approvalId });
  const known: Readonly<Record<ApprovalDecision, Json>> = {
    approve: execute('Approve', verbs.approve, { approvalId }, { style: 'positive' }),
    edit: opensDialog('Edit …', verbs.edit, { approvalId }),
    deny: folded('Deny …', reason, deny),
    respond: folded('Respond …', message, respond),
  };
  return [...allows.map((decision) => known[decision]), detailsButton(approvalId)];
}

function detailsButton(approvalId: string): Json {
  return opensDialog('Details', verbs.details, { approvalId });
}

/** An input that shows once its button is pressed. */
function folded(title: string, input: Json, action: Json): Json {
  return { type: 'Action.ShowCard', title, card: { type: 'AdaptiveCard', body: [input], actions: [action] } };
}

/** The dialog that shows the exact call: what runs, or ran, and what was changed of what was asked. */
export function detailsDialog(card: ApprovalCard): Dialog {
  const [whole, changes] = [card.edited ?? card.arguments, changesText(card)];
  const longest = Math.max(whole.length, changes.length);
  const draw = (length: number) => {
    const rest = longest - length;
    const more = rest > 0 ? [quiet(`${rest} characters more: the console shows all of it.`)] : [];
    const call = {
      type: 'Container',
      style: 'emphasis',
      items: [monospaced(visible(whole.slice(0, length)))],
    };
    return cardOf([
      ...titleOf(card),
      call,
      ...changedPart(changes.slice(0, length)),
      ...more,
      ...standing(card, states),
      quiet(`Asked by ${card.askedBy}`),
    ]);
  };
  let length = longest;
  while (length > argumentsShown && bytesOfCard(draw(length)) > sizes.card) length = Math.floor(length * 0.8);
  return dialogOf('The exact call', draw(length), { width: 'large', height: 'large' });
}

const needs = {
  sign_in: 'asks you to sign in',
  form: 'asks you something',
  link: 'asks you to open a page',
} as const;

/** What only the asker can give: they alone see what it is. */
export function needCard(card: ApprovalCard): Json {
  const { id: approvalId, kind = 'form', server, tool, askedBy, state } = card;
  const wants = kind === 'approval' ? 'needs something of you' : needs[kind];
  const title = [run(server ?? tool, { weight: 'Bolder' }), run(` ${wants}, ${askedBy}.`)];
  const actions = [
    opensDialog('Show me', verbs.openNeed, { approvalId }, { style: 'positive' }),
    execute('Decline', verbs.declineNeed, { approvalId }),
  ];
  return cardOf(
    [
      { type: 'Container', id: `${idPrefix}${approvalId}`, items: [richBlock(title)] },
      ...standing(card, needStates),
    ],
    state === 'pending' ? actions : [],
  );
}

/** The dialog with what the asker is asked for. What a server says is shown as it is. */
export function needDialog(question: AskerQuestion, approvalId: string): Dialog {
  const { server } = question;
  if (question.type === 'form') return needForm(question, approvalId);
  const isSignIn = question.type === 'sign_in';
  const title = isSignIn ? 'Sign in' : 'Open a page';
  if (question.url === undefined || !/^https?:/i.test(question.url))
    return sayingDialog(title, 'No link can be made now. Try again in a moment.');
  const body =
    question.type === 'sign_in'
      ? [
          richBlock([run('Sign in to '), run(server, { weight: 'Bolder' }), run('.')]),
          plainBlock('The link is yours alone; I go on by myself afterwards.'),
        ]
      : [
          richBlock([run(server, { weight: 'Bolder' }), run(` asks: ${clipped(question.message, 3000)}`)]),
          richBlock([run('The page is on '), run(question.host, { fontType: 'Monospace' }), run('.')]),
        ];
  const open = { type: 'Action.OpenUrl', title: 'Open', url: question.url };
  const done = { type: 'Action.Submit', title: 'I have done it', data: { verb: verbs.needDone, approvalId } };
  return dialogOf(title, cardOf(body, isSignIn ? [open] : [open, done]), {
    width: 'medium',
    height: 'small',
  });
}
