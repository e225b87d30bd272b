import type { AdminAnswer, AnswerRow, Button } from '../../src/chat/admin/answer.ts';
import { clipped } from '../../src/chat/clipped.ts';
import type { Json } from '../../src/chat/json.ts';
import { limits } from './limits.ts';
import { prose } from './mrkdwn.ts';
import { pagesOf } from './pages.ts';
import { escaped } from './safe-text.ts';

/** The action ids of buttons and of menus that run a line. */
export const linePrefix = 'admin_line';
export const menuPrefix = 'admin_menu';

/** What Slack takes of a button's value, of a menu's, and of the entries of a menu. */
const [longestLine, longestChoice, mostChoices] = [2000, 150, 5];
/** Of one row of buttons; more are left out. */
const mostButtons = 20;

/** One message. */
export interface Drawn {
  readonly text: string;
  readonly blocks: readonly Json[];
}

/** An answer of administration as a message. */
export function drawAnswer(answer: AdminAnswer): Drawn {
  if (answer.type === 'list') return drawList(answer);
  const buttons = answer.type === 'form' ? [answer.button] : answer.buttons;
  const blocks = [...oneMessage(answer.text), ...buttonsOf(buttons)];
  return { text: clipped(escaped(answer.text), limits.text), blocks };
}

/** What answers a command is one message: what would need more, such as a second table, is drawn as text. */
function oneMessage(markdown: string): readonly Json[] {
  const { pages } = pagesOf(markdown);
  return pages.length === 1 ? (pages[0] ?? []) : prose(markdown).slice(0, limits.blocks);
}

function drawList({ title, rows, note, buttons }: Extract<AdminAnswer, { type: 'list' }>): Drawn {
  return {
    text: clipped(escaped(`${title}: ${note}`), limits.text),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: clipped(title, 150) } },
      ...rows.map(drawRow),
      { type: 'context', elements: [{ type: 'mrkdwn', text: escaped(note) }] },
      ...buttonsOf(buttons),
    ],
  };
}

function drawRow({ icon, title, facts, buttons }: AnswerRow, n: number): Json {
  const words = facts.map(({ label, text }) => `${escaped(label)}: ${escaped(clipped(text, 150))}`);
  const head = `${icon} *${escaped(clipped(title, 200))}*`.trim();
  return {
    type: 'section',
    text: { type: 'mrkdwn', text: clipped([head, words.join(' · ')].join('\n').trim(), limits.section) },
    ...menuOf(buttons, n),
  };
}

/** What can be done with a row: the usual, as many as a menu holds. */
function menuOf(buttons: readonly Button[], n: number): Json {
  const options = buttons
    .filter(({ line }) => line.length <= longestChoice)
    .slice(0, mostChoices)
    .map(({ label, line }) => ({ text: { type: 'plain_text', text: clipped(label, 75) }, value: line }));
  if (options.length === 0) return {};
  return { accessory: { type: 'overflow', action_id: `${menuPrefix}:${n}`, options } };
}

/** Buttons, each with the line that it runs. A line that is too long for one is left to be written. */
export function buttonsOf(buttons: readonly Button[]): readonly Json[] {
  const elements = buttons
    .filter(({ line }) => line.length <= longestLine)
    .slice(0, mostButtons)
    .map(({ label, line, style }, n) => ({
      type: 'button',
      action_id: `${linePrefix}:${n}`,
      text: { type: 'plain_text', text: clipped(label, 75) },
      value: line,
      ...(style === undefined ? {} : { style }),
    }));
  return elements.length === 0 ? [] : [{ type: 'actions', elements }];
}
