import type { AdminAnswer, AnswerRow, Button } from '../../src/chat/admin/answer.ts';
import { readChart } from '../../src/chat/chart.ts';
import { clipped } from '../../src/chat/clipped.ts';
import type { Json } from '../../src/chat/json.ts';
import { type Segment, segmentsOf } from '../../src/chat/segments.ts';
import { chartBlock } from './charts.ts';
import { limits } from './limits.ts';
import { bold, proseOf } from './mrkdwn.ts';
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
export function oneMessage(markdown: string): readonly Json[] {
  const { pages } = pagesOf(markdown);
  if (pages.length === 1) return pages[0] ?? [];
  const segments = segmentsOf(markdown);
  const withCharts = segments.flatMap((segment) => drawnChart(segment) ?? proseOf(segment));
  const isSmall = JSON.stringify(withCharts).length <= limits.payload;
  return (isSmall ? withCharts : segments.flatMap(proseOf)).slice(0, limits.blocks);
}

function drawnChart(segment: Segment): readonly Json[] | undefined {
  if (segment.type !== 'code' || segment.language !== 'chart') return undefined;
  const chart = readChart(segment.code);
  return chart === undefined ? undefined : [chartBlock(chart)];
}

/** How many letters of each fact are shown: as many as one message takes. */
const factLengths = [150, 80, 40, 20];

/** A page of things, each with its menu. */
export function drawList(answer: ListAnswer): Drawn {
  const drawn = factLengths.map((length) => listBlocks(answer, length));
  const fitting = drawn.find((blocks) => JSON.stringify(blocks).length <= limits.payload);
  const text = clipped(escaped(`${answer.title}: ${answer.note}`), limits.text);
  return { text, blocks: fitting ?? drawn.at(-1) ?? [] };
}

type ListAnswer = Extract<AdminAnswer, { type: 'list' }>;

function listBlocks({ title, rows, note, buttons }: ListAnswer, factLength: number): readonly Json[] {
  return [
    { type: 'header', text: { type: 'plain_text', text: clipped(title, 150) } },
    ...rows.map((row, n) => drawRow(row, n, factLength)),
    { type: 'context', elements: [{ type: 'mrkdwn', text: escaped(note) }] },
    ...buttonsOf(buttons),
  ];
}

function drawRow({ icon, title, facts, buttons, link }: AnswerRow, n: number, factLength: number): Json {
  const words = facts.map(({ label, text }) => `${escaped(label)}: ${escaped(clipped(text, factLength))}`);
  const more = link === undefined ? '' : `<${escaped(link.url)}|${escaped(link.label)}>`;
  const head = `${icon} ${bold(escaped(clipped(title, 200)))}`.trim();
  return {
    type: 'section',
    text: {
      type: 'mrkdwn',
      text: clipped([head, words.join(' · '), more].filter((line) => line !== '').join('\n'), limits.section),
    },
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
