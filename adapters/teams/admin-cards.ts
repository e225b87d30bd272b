import type { AdminAnswer, AnswerRow, Button } from '../../src/chat/admin/answer.ts';
import { clipped } from '../../src/chat/clipped.ts';
import type { Json } from '../../src/chat/json.ts';
import { elementsOf, packed } from './card-elements.ts';
import {
  cardMessage,
  cardOf,
  type Dialog,
  dialogOf,
  execute,
  opensDialog,
  plainBlock,
  quiet,
  wide,
} from './card-parts.ts';
import { bytesOfCard, sizes } from './sizes.ts';
import { verbs } from './verbs.ts';

/** Where a card stands: what a dialog's buttons say goes another way. */
type Where = 'message' | 'dialog';

/** Buttons below one another, of which those after the first are behind “…”. */
const [besides, mostButtons] = [5, 20];
/** What a card needs besides its elements and its buttons, and what its buttons may need, in bytes. */
const [frame, buttonBytes] = [600, 9000];
/** Of a button’s line, in bytes: one that opens a form carries what was given. */
const [longestLine, longestFormLine] = [1500, 8000];

/** An answer of administration as cards; its buttons are on the last. */
export function drawAnswer(answer: AdminAnswer): readonly Json[] {
  if (answer.type === 'list') return [drawList(answer, 'message')];
  const pages = packed(elementsOf(answer.text), sizes.card - frame);
  const actions = actionsOf(buttonsOf(answer), { where: 'message', room: buttonBytes });
  const isFull = bytesOfCard([pages.at(-1) ?? [], actions]) + frame > sizes.card;
  const bodies = isFull || pages.length === 0 ? [...pages, [quiet('What you can do next:')]] : pages;
  return bodies.map((body, n) => wide(cardOf(body, n === bodies.length - 1 ? actions : [])));
}

function buttonsOf(answer: Exclude<AdminAnswer, ListAnswer>): readonly Button[] {
  return answer.type === 'form' ? [formButton(answer)] : answer.buttons;
}

/** Messages that show an answer, one for each card. */
export function answerMessages(answer: AdminAnswer): readonly Json[] {
  return drawAnswer(answer).map((card) => cardMessage(card, summaryOf(answer)));
}

function summaryOf(answer: AdminAnswer): string {
  const [first = ''] = (answer.type === 'list' ? answer.title : answer.text).split('\n');
  return clipped(first.replaceAll(/[*`#|]/g, ''), 100).trim() || 'Administration';
}

/** An answer for who has a dialog open: one card, with what fits it. */
export function answerDialog(answer: AdminAnswer): Dialog {
  const card = answer.type === 'list' ? drawList(answer, 'dialog') : oneCard(answer);
  return dialogOf(clipped(summaryOf(answer), 60), card, { width: 'medium', height: 'medium' });
}

function oneCard(answer: Exclude<AdminAnswer, ListAnswer>): Json {
  const [first = [], ...others] = packed(elementsOf(answer.text), sizes.card - frame - buttonBytes);
  const room = Math.min(buttonBytes, sizes.card - frame - bytesOfCard(first));
  const more = others.length === 0 ? [] : [quiet('There is more of it: ask for it in a chat with me.')];
  return wide(cardOf([...first, ...more], actionsOf(buttonsOf(answer), { where: 'dialog', room })));
}

/** A line that is too long for a button opens the form without what was given. */
function formButton({ asked, button }: Extract<AdminAnswer, { type: 'form' }>): Button {
  if (bytesOf(button.line) <= longestFormLine) return button;
  const { path, id, action } = asked;
  const deed = id === undefined ? 'add' : `${action ?? 'edit'} ${id}`;
  return { ...button, label: 'Open an empty form', line: `${path} ${deed} form=yes` };
}

/** Lines that ask for a form whatever there is: their button opens it at once. */
export function opensForm(line: string): boolean {
  return /\sform=yes$/.test(line) || /^\S+ (add|edit \S+)$/.test(line);
}

function bytesOf(line: string): number {
  return Buffer.byteLength(JSON.stringify(line));
}

function actionsOf(
  buttons: readonly Button[],
  { where, room }: { readonly where: Where; readonly room: number },
): readonly Json[] {
  const undo = buttons.find(({ line }) => line.startsWith('undo '))?.line;
  const drawn = buttons
    .filter(({ line }) => bytesOf(line) <= (opensForm(line) ? longestFormLine : longestLine))
    .slice(0, mostButtons)
    .map((button, n) => actionOf(button, { where, undo, isBehind: n >= besides }));
  return packed(drawn, room)[0] ?? [];
}

function actionOf(
  { label, line, style }: Button,
  {
    where,
    undo,
    isBehind,
  }: { readonly where: Where; readonly undo?: string | undefined; readonly isBehind: boolean },
): Json {
  const look = {
    ...(style === undefined ? {} : { style: style === 'danger' ? 'destructive' : 'positive' }),
    ...(isBehind ? { mode: 'secondary' } : {}),
  };
  // What could be undone stays so when the card shows something else.
  const data = { line, ...(undo === undefined || undo === line ? {} : { undo }) };
  const title = clipped(label, 60);
  if (where === 'dialog')
    return { type: 'Action.Submit', title, data: { ...data, verb: verbs.runLine }, ...look };
  return opensForm(line)
    ? opensDialog(title, verbs.runLine, data, look)
    : execute(title, verbs.runLine, data, look);
}

type ListAnswer = Extract<AdminAnswer, { type: 'list' }>;

/** How much of each row is shown: as much as one card takes. */
const shares = [
  ...[8, 6, 5].map((buttons) => ({ buttons, fact: 150, facts: 20 })),
  ...[4, 3, 2].map((buttons) => ({ buttons, fact: 80, facts: 12 })),
  { buttons: 1, fact: 40, facts: 8 },
];

function drawList(answer: ListAnswer, where: Where): Json {
  const isSmall = (card: Json) => bytesOfCard(card) <= sizes.card;
  for (const share of shares) {
    const card = listCard(answer, where, share);
    if (isSmall(card)) return card;
  }
  const least = { buttons: 1, fact: 40, facts: 3 };
  for (let most = answer.rows.length - 1; most > 0; most -= 1) {
    const note = `${answer.note}; the first ${most} of this page are shown. Search for the others by name.`;
    const card = listCard({ ...answer, rows: answer.rows.slice(0, most), note }, where, least);
    if (isSmall(card)) return card;
  }
  return listCard({ ...answer, rows: [] }, where, least);
}

type Share = (typeof shares)[number];

function listCard({ title, rows, note, buttons }: ListAnswer, where: Where, share: Share): Json {
  const table = {
    type: 'Table',
    firstRowAsHeaders: false,
    showGridLines: false,
    columns: [{ width: 1 }, { width: 12 }],
    rows: rows.map((row, n) => drawRow(row, { n, where, share })),
  };
  const body = [
    plainBlock(clipped(title, 150), { weight: 'Bolder', size: 'Medium' }),
    ...(rows.length === 0 ? [] : [table]),
    quiet(note),
  ];
  return wide(cardOf(body, actionsOf(buttons, { where, room: buttonBytes })));
}

function drawRow(
  { icon, title, facts, buttons, link }: AnswerRow,
  { n, where, share }: { readonly n: number; readonly where: Where; readonly share: Share },
): Json {
  const words = facts
    .slice(0, share.facts)
    .map(({ label, text }) => `${label}: ${clipped(text, share.fact)}`)
    .join(' · ');
  const actions = actionsOf(buttons.slice(0, share.buttons), { where, room: buttonBytes }).map(
    (action, at) => ({
      ...action,
      id: `${n}.${at}`,
      ...(at > 2 ? { mode: 'secondary' } : {}),
    }),
  );
  const links =
    link === undefined ? [] : [{ type: 'Action.OpenUrl', title: clipped(link.label, 60), url: link.url }];
  const items = [
    plainBlock(clipped(title, 200), { weight: 'Bolder' }),
    ...(words === '' ? [] : [quiet(words)]),
    ...(actions.length + links.length === 0 ? [] : [{ type: 'ActionSet', actions: [...actions, ...links] }]),
  ];
  return { type: 'TableRow', cells: [cell([plainBlock(icon)]), cell(items)] };
}

function cell(items: readonly Json[]): Json {
  return { type: 'TableCell', items };
}
