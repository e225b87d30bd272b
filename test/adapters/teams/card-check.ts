import { isRecord, type Json, records } from '../../../src/chat/json.ts';
import { checkMessage } from '../../fakes/teams/activities.ts';
import { checkCard } from '../../fakes/teams/cards.ts';
import { type Conversation, createTenant } from '../../fakes/teams/state.ts';

/**
 * The properties of each type in version 1.5 (https://adaptivecards.io/explorer), and those of Teams' own
 * charts (https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/charts-in-adaptive-cards).
 * A client leaves out what it does not know without a word, so a typing error would never be seen.
 */
const element = ['type', 'id', 'isVisible', 'spacing', 'separator', 'height', 'fallback', 'requires'];
const text = ['text', 'color', 'fontType', 'isSubtle', 'size', 'weight'];
const input = ['label', 'value', 'isRequired', 'errorMessage'];
const action = ['type', 'title', 'id', 'style', 'mode', 'tooltip', 'isEnabled', 'iconUrl', 'fallback'];
const chart = [...element, 'title', 'data', 'colorSet'];
const axes = ['xAxisTitle', 'yAxisTitle'];

const known: Readonly<Record<string, readonly string[]>> = {
  AdaptiveCard: [
    'type',
    '$schema',
    'version',
    'body',
    'actions',
    'refresh',
    'msteams',
    'fallbackText',
    'speak',
  ],
  TextBlock: [...element, ...text, 'wrap', 'maxLines', 'horizontalAlignment', 'style'],
  RichTextBlock: [...element, 'inlines', 'horizontalAlignment'],
  TextRun: ['type', ...text, 'highlight', 'italic', 'strikethrough', 'underline', 'selectAction'],
  Container: [...element, 'items', 'style', 'bleed', 'selectAction', 'minHeight'],
  ActionSet: [...element, 'actions', 'horizontalAlignment'],
  Table: [...element, 'columns', 'rows', 'firstRowAsHeaders', 'showGridLines', 'gridStyle'],
  TableRow: ['type', 'cells', 'style'],
  TableCell: ['type', 'items', 'style'],
  'Input.Text': [...element, ...input, 'isMultiline', 'maxLength', 'placeholder', 'regex', 'style'],
  'Input.Number': [...element, ...input, 'min', 'max', 'placeholder'],
  'Input.Date': [...element, ...input, 'min', 'max', 'placeholder'],
  'Input.Time': [...element, ...input, 'min', 'max', 'placeholder'],
  'Input.Toggle': [...element, ...input, 'title', 'valueOn', 'valueOff', 'wrap'],
  'Input.ChoiceSet': [
    ...[...element, ...input, 'choices', 'choices.data', 'isMultiSelect', 'style', 'placeholder', 'wrap'],
  ],
  'Action.Execute': [...action, 'verb', 'data', 'associatedInputs'],
  'Action.Submit': [...action, 'data', 'associatedInputs'],
  'Action.OpenUrl': [...action, 'url'],
  'Action.ShowCard': [...action, 'card'],
  'Data.Query': ['type', 'dataset', 'count', 'skip'],
  'Chart.Pie': chart,
  'Chart.VerticalBar': [...chart, ...axes],
  'Chart.VerticalBar.Grouped': [...chart, ...axes],
  'Chart.Line': [...chart, ...axes],
};

const sizesOfText = ['Small', 'Default', 'Medium', 'Large', 'ExtraLarge'];
const colors = ['Default', 'Dark', 'Light', 'Accent', 'Good', 'Warning', 'Attention'];

/** Throws for a card that Teams would refuse, or of which it would leave something out. */
export function strictlyCheckCard(card: Json): void {
  checkCard(card);
  if (Buffer.byteLength(JSON.stringify(card)) >= 25_000) throw new Error('The card is larger than 25 KB.');
  walk(card, 'card');
}

function walk(value: unknown, where: string): void {
  if (Array.isArray(value)) {
    value.forEach((item, n) => {
      walk(item, `${where}[${n}]`);
    });
    return;
  }
  if (!isRecord(value)) return;
  const names = typeof value.type === 'string' ? known[value.type] : undefined;
  if (names === undefined) throw new Error(`${where} has the unknown type ${String(value.type)}.`);
  for (const name of Object.keys(value))
    if (!names.includes(name)) throw new Error(`${where} (${String(value.type)}) has no ${name}.`);
  oneOf(value.size, sizesOfText, `${where}.size`);
  oneOf(value.color, colors, `${where}.color`);
  oneOf(value.fontType, ['Default', 'Monospace'], `${where}.fontType`);
  oneOf(value.weight, ['Lighter', 'Default', 'Bolder'], `${where}.weight`);
  for (const name of [
    'body',
    'actions',
    'items',
    'rows',
    'cells',
    'inlines',
    'card',
    'fallback',
    'choices.data',
  ])
    walk(value[name], `${where}.${name}`);
}

function oneOf(value: unknown, allowed: readonly string[], where: string): void {
  if (value !== undefined && !allowed.includes(String(value)))
    throw new Error(`${where} is ${String(value)}, not one of ${allowed.join(', ')}.`);
}

const place: Conversation = { id: 'a:1', kind: 'personal', name: '', members: new Set(), hearsAll: true };

/** Throws for a message that Teams would refuse, or of which it would leave something out. */
export function strictlyCheckMessage(message: Json): void {
  checkMessage(
    createTenant(() => 0, 'app', 'tenant'),
    place,
    message,
  );
  if (JSON.stringify(message).length * 2 >= 80_000) throw new Error('The message is larger than 80 KB.');
  for (const { content } of records(message.attachments)) if (isRecord(content)) strictlyCheckCard(content);
}
