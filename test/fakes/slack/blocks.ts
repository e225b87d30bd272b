import { isRecord, type Json, records, refuse, text } from './state.ts';

const known = new Set([
  'section',
  'divider',
  'image',
  'actions',
  'context',
  'input',
  'file',
  'header',
  'video',
  'rich_text',
  'markdown',
  'task_card',
  'plan',
  'context_actions',
  'table',
  'data_table',
  'alert',
  'card',
  'carousel',
  'container',
  'data_visualization',
]);
const inModals = new Set([
  'section',
  'divider',
  'image',
  'actions',
  'context',
  'input',
  'header',
  'rich_text',
  'alert',
]);

const MESSAGE_BLOCKS = 50;
const VIEW_BLOCKS = 100;
const PAYLOAD = 13_200;
const MARKDOWN = 12_000;

/** Refuses what Slack refuses of a message's blocks. */
export function checkBlocks(value: unknown): readonly Json[] {
  if (value === undefined || value === '') return [];
  if (!Array.isArray(value)) return refuse('invalid_blocks_format');
  const blocks = records(value);
  if (blocks.length > MESSAGE_BLOCKS) invalid('no more than 50 items allowed [json-pointer:/blocks]');
  blocks.forEach(checkBlock);
  const markdown = blocks.reduce(
    (sum, block) => sum + (block.type === 'markdown' ? text(block.text).length : 0),
    0,
  );
  if (markdown > MARKDOWN) refuse('msg_blocks_too_long');
  if (JSON.stringify(blocks).length > PAYLOAD + 8000 && proseOf(blocks) > PAYLOAD)
    refuse('msg_blocks_too_long');
  unique(blocks.map((block) => block.block_id));
  return blocks;
}

/** The characters of text in blocks; tables are counted apart. */
function proseOf(blocks: readonly Json[]): number {
  return JSON.stringify(blocks.filter((block) => block.type !== 'table')).length;
}

/** Refuses what Slack refuses of a view. */
export function checkView(value: unknown): Json {
  if (!isRecord(value)) return refuse('invalid_arguments');
  const blocks = records(value.blocks);
  if (value.type !== 'modal' && value.type !== 'home')
    invalid('failed to match all allowed schemas [json-pointer:/view/type]');
  if (blocks.length > VIEW_BLOCKS) invalid('no more than 100 items allowed [json-pointer:/view/blocks]');
  if (value.type === 'modal') {
    for (const name of ['title', 'submit', 'close'] as const) {
      const label = value[name];
      if (label !== undefined) checkText(label, 24, `/view/${name}`, ['plain_text']);
    }
    if (!isRecord(value.title)) invalid('missing required field: title [json-pointer:/view]');
    if (blocks.some((block) => block.type === 'input') && value.submit === undefined)
      invalid('missing required field: submit [json-pointer:/view]');
    for (const block of blocks)
      if (!inModals.has(text(block.type))) invalid(`unsupported type: ${text(block.type)} in a modal`);
  }
  if (text(value.private_metadata).length > 3000)
    invalid('must be less than 3001 characters [json-pointer:/view/private_metadata]');
  if (text(value.callback_id).length > 255)
    invalid('must be less than 256 characters [json-pointer:/view/callback_id]');
  blocks.forEach(checkBlock);
  unique(blocks.map((block) => block.block_id));
  return value;
}

function invalid(message: string): never {
  return refuse('invalid_blocks', { response_metadata: { messages: [`[ERROR] ${message}`] } });
}

function unique(ids: readonly unknown[]): void {
  const given = ids.filter((id) => typeof id === 'string');
  if (new Set(given).size < given.length) invalid('block_id already exists');
}

function checkText(value: unknown, max: number, where: string, types = ['plain_text', 'mrkdwn']): void {
  if (!isRecord(value) || !types.includes(text(value.type)))
    return invalid(`failed to match all allowed schemas [json-pointer:${where}]`);
  const length = text(value.text).length;
  if (length === 0) invalid(`must be more than 0 characters [json-pointer:${where}/text]`);
  if (length > max) invalid(`must be less than ${max + 1} characters [json-pointer:${where}/text]`);
}

function checkBlock(block: Json, at: number): void {
  const where = `/blocks/${at}`;
  const type = text(block.type);
  if (!known.has(type)) invalid(`unsupported type: ${type} [json-pointer:${where}/type]`);
  if (text(block.block_id).length > 255)
    invalid(`must be less than 256 characters [json-pointer:${where}/block_id]`);
  switch (type) {
    case 'section':
      return checkSection(block, where);
    case 'header':
      return checkText(block.text, 150, `${where}/text`, ['plain_text']);
    case 'markdown':
      if (text(block.text) === '') invalid(`must be more than 0 characters [json-pointer:${where}/text]`);
      return;
    case 'context':
      return checkList(block.elements, 10, `${where}/elements`, (element) => {
        if (element.type !== 'image') checkText(element, 3000, `${where}/elements`);
      });
    case 'actions':
      return checkList(block.elements, 25, `${where}/elements`, (element) => checkElement(element, where));
    case 'context_actions':
      return checkList(block.elements, 5, `${where}/elements`, checkFeedback);
    case 'input':
      return checkInput(block, where);
    case 'table':
      return checkTable(block, where);
    case 'data_visualization':
      return checkChart(block, where);
    default:
      return;
  }
}

function checkSection(block: Json, where: string): void {
  if (block.text === undefined && block.fields === undefined)
    invalid(`missing required field: text [json-pointer:${where}]`);
  if (block.text !== undefined) checkText(block.text, 3000, `${where}/text`);
  if (block.fields !== undefined)
    checkList(block.fields, 10, `${where}/fields`, (field) => checkText(field, 2000, where));
  if (isRecord(block.accessory)) checkElement(block.accessory, where);
}

function checkList(value: unknown, max: number, where: string, check: (item: Json) => void): void {
  const items = records(value);
  if (items.length === 0) invalid(`must provide at least 1 item [json-pointer:${where}]`);
  if (items.length > max) invalid(`no more than ${max} items allowed [json-pointer:${where}]`);
  items.forEach(check);
}

function checkElement(element: Json, where: string): void {
  if (text(element.action_id).length > 255) invalid(`action_id too long [json-pointer:${where}]`);
  if (element.type === 'button') {
    checkText(element.text, 75, `${where}/text`, ['plain_text']);
    if (text(element.value).length > 2000)
      invalid(`must be less than 2001 characters [json-pointer:${where}/value]`);
    if (element.style !== undefined && element.style !== 'primary' && element.style !== 'danger')
      invalid('invalid style');
  }
  if (Array.isArray(element.options)) {
    if (element.options.length === 0 || element.options.length > 100)
      invalid(`options must be 1 to 100 [json-pointer:${where}]`);
    records(element.options).forEach(checkOption);
  }
}

function checkOption(option: Json): void {
  checkText(option.text, 75, '/options/text');
  const value = text(option.value);
  if (value === '' || value.length > 150) invalid('option values have 1 to 150 characters');
  if (option.description !== undefined)
    checkText(option.description, 75, '/options/description', ['plain_text']);
}

function checkFeedback(element: Json): void {
  if (element.type === 'icon_button') return;
  if (element.type !== 'feedback_buttons') invalid(`unsupported type: ${text(element.type)}`);
  for (const side of [element.positive_button, element.negative_button]) {
    if (!isRecord(side)) invalid('feedback_buttons need both buttons');
    else checkText(side.text, 75, '/feedback', ['plain_text']);
  }
}

function checkInput(block: Json, where: string): void {
  checkText(block.label, 2000, `${where}/label`, ['plain_text']);
  if (block.hint !== undefined) checkText(block.hint, 2000, `${where}/hint`, ['plain_text']);
  const { element } = block;
  if (!isRecord(element)) return invalid(`missing required field: element [json-pointer:${where}]`);
  if (text(element.action_id).length > 255) invalid('action_id too long');
  if (isRecord(element.placeholder))
    checkText(element.placeholder, 150, `${where}/placeholder`, ['plain_text']);
  if (text(element.initial_value).length > 3000)
    invalid(`must be less than 3001 characters [json-pointer:${where}/element/initial_value]`);
  if (element.type === 'number_input' && typeof element.is_decimal_allowed !== 'boolean')
    invalid('missing required field: is_decimal_allowed');
  if (Array.isArray(element.options)) checkElement(element, where);
  if (isRecord(element.initial_option)) {
    checkOption(element.initial_option);
    const values = records(element.options).map((option) => option.value);
    if (element.type === 'static_select' && !values.includes(element.initial_option.value))
      invalid('initial_option is not one of the options');
  }
  if (element.initial_conversation !== undefined && !/^[CDG]/.test(text(element.initial_conversation)))
    invalid('initial_conversation is no conversation');
  const when = element.initial_date_time;
  if (when !== undefined && !(Number.isInteger(when) && String(when).length === 10))
    invalid('initial_date_time has 10 digits');
  if (element.type === 'checkboxes' && records(element.options).length > 10)
    invalid('no more than 10 options');
}

function checkTable(block: Json, where: string): void {
  const { rows } = block;
  if (!Array.isArray(rows) || rows.length === 0)
    return invalid(`missing required field: rows [json-pointer:${where}]`);
  if (rows.length > 100) invalid(`no more than 100 items allowed [json-pointer:${where}/rows]`);
  for (const row of rows) {
    if (!Array.isArray(row) || row.length > 20)
      return invalid(`no more than 20 items allowed [json-pointer:${where}/rows]`);
    for (const cell of row) {
      if (!isRecord(cell) || (cell.type !== 'raw_text' && cell.type !== 'rich_text'))
        invalid('cells are raw_text or rich_text');
      else if (cell.type === 'raw_text' && text(cell.text) === '') invalid('must be more than 0 characters');
    }
  }
}

function checkChart(block: Json, where: string): void {
  if (text(block.title).length > 50 || text(block.title) === '')
    invalid(`title has 1 to 50 characters [json-pointer:${where}]`);
  const chart = block.chart;
  if (!isRecord(chart)) return invalid(`missing required field: chart [json-pointer:${where}]`);
  if (!['pie', 'bar', 'area', 'line'].includes(text(chart.type))) invalid('unknown chart type');
  const series = chart.type === 'pie' ? chart.segments : chart.series;
  checkList(series, chart.type === 'pie' ? 12 : 6, `${where}/chart`, () => {});
}
