import { isRecord, type Json, records, text } from './json.ts';
import { malformed, refuse } from './refusal.ts';

/** 28 KB; the documents advise less than 25. */
const CARD_BYTES = 28 * 1024;
const VERSIONS = new Set(['1.0', '1.1', '1.2', '1.3', '1.4', '1.5']);
const ACTIONS = 6;
const REFRESHERS = 60;

const elements = new Set([
  'TextBlock',
  'RichTextBlock',
  'Image',
  'ImageSet',
  'Media',
  'Container',
  'ColumnSet',
  'FactSet',
  'ActionSet',
  'Table',
  'Input.Text',
  'Input.Number',
  'Input.Date',
  'Input.Time',
  'Input.Toggle',
  'Input.ChoiceSet',
]);

/** What Teams shows beyond version 1.5; where it is unknown its `fallback` is shown. */
const beyond = /^(CodeBlock|Icon|Badge|Carousel|CompoundButton|ProgressBar|ProgressRing|Chart\.[A-Za-z.]+)$/;

const actionTypes = new Set([
  'Action.Execute',
  'Action.Submit',
  'Action.OpenUrl',
  'Action.ShowCard',
  'Action.ToggleVisibility',
]);

const teamsData = new Set(['messageBack', 'imBack', 'task/fetch', 'signin', 'invoke']);

/** Refuses a card that Teams would not show as it was meant. */
export function checkCard(card: Json): void {
  if (Buffer.byteLength(JSON.stringify(card)) >= CARD_BYTES)
    refuse(413, 'MessageSizeTooBig', 'The card is larger than 28 KB.');
  if (card.type !== 'AdaptiveCard') malformed('A card has the type AdaptiveCard.');
  if (!VERSIONS.has(text(card.version)))
    malformed(`Version ${String(card.version)} is not one of 1.0 to 1.5.`);
  if (!Array.isArray(card.body) && !Array.isArray(card.actions)) malformed('A card has a body or actions.');
  checkRefresh(card.refresh);
  const ids: string[] = [];
  checkBody(card, 'card', ids);
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice !== undefined) malformed(`Two inputs have the id ${twice}.`);
}

function checkBody(card: Json, where: string, inputs: string[]): void {
  list(card.body ?? [], `${where}.body`).forEach((item, at) => {
    checkElement(item, `${where}.body[${at}]`, inputs);
  });
  checkActions(card.actions ?? [], `${where}.actions`, inputs);
}

function list(value: unknown, where: string): readonly Json[] {
  if (!Array.isArray(value) || !value.every(isRecord)) return malformed(`${where} is a list of objects.`);
  return value;
}

function string(value: unknown, where: string): void {
  if (typeof value !== 'string' || value === '') malformed(`${where} is a text that is not empty.`);
}

function checkElement(element: Json, where: string, inputs: string[]): void {
  const type = text(element.type);
  if (!elements.has(type) && !(beyond.test(type) && element.fallback !== undefined))
    return malformed(`${where} has the unknown type ${type} and no fallback.`);
  if (isRecord(element.fallback)) checkElement(element.fallback, `${where}.fallback`, []);
  if (isRecord(element.selectAction)) checkAction(element.selectAction, `${where}.selectAction`, inputs);
  if (type.startsWith('Input.')) return checkInput(element, where, inputs);
  switch (type) {
    case 'TextBlock':
      return string(element.text, `${where}.text`);
    case 'RichTextBlock':
      if (!Array.isArray(element.inlines) || element.inlines.length === 0)
        malformed(`${where} has no inlines.`);
      return;
    case 'Image':
      return string(element.url, `${where}.url`);
    case 'FactSet':
      for (const fact of list(element.facts, `${where}.facts`)) {
        string(fact.title, `${where}.facts.title`);
        string(fact.value, `${where}.facts.value`);
      }
      return;
    case 'ActionSet':
      return checkActions(element.actions, `${where}.actions`, inputs);
    case 'Container':
      return checkItems(element.items, `${where}.items`, inputs);
    case 'ColumnSet':
      for (const column of list(element.columns ?? [], `${where}.columns`)) {
        if (isRecord(column.selectAction)) checkAction(column.selectAction, where, inputs);
        checkItems(column.items ?? [], `${where}.columns.items`, inputs);
      }
      return;
    case 'Table':
      for (const row of list(element.rows ?? [], `${where}.rows`)) checkRow(row, where, inputs);
      return;
  }
}

function checkItems(value: unknown, where: string, inputs: string[]): void {
  list(value, where).forEach((item, at) => {
    checkElement(item, `${where}[${at}]`, inputs);
  });
}

function checkRow(row: Json, where: string, inputs: string[]): void {
  if (row.type !== 'TableRow') malformed(`${where} has a row that is no TableRow.`);
  for (const cell of list(row.cells ?? [], `${where}.cells`)) {
    if (cell.type !== 'TableCell') malformed(`${where} has a cell that is no TableCell.`);
    checkItems(cell.items ?? [], `${where}.cells.items`, inputs);
  }
}

function checkInput(input: Json, where: string, inputs: string[]): void {
  string(input.id, `${where}.id`);
  inputs.push(text(input.id));
  if (input.isRequired === true) string(input.errorMessage, `${where}.errorMessage (of a required input)`);
  if (input.type === 'Input.Toggle') string(input.title, `${where}.title`);
  if (input.type !== 'Input.ChoiceSet') return;
  const query = input['choices.data'];
  const choices = list(input.choices ?? [], `${where}.choices`);
  if (choices.length === 0 && query === undefined)
    malformed(`${where} has neither choices nor choices.data.`);
  for (const choice of choices) {
    string(choice.title, `${where}.choices.title`);
    if (typeof choice.value !== 'string') malformed(`${where}.choices.value is a text.`);
  }
  if (query === undefined) return;
  if (!isRecord(query) || query.type !== 'Data.Query')
    return malformed(`${where}.choices.data is a Data.Query.`);
  string(query.dataset, `${where}.choices.data.dataset`);
}

function checkActions(value: unknown, where: string, inputs: string[]): void {
  const actions = list(value, where);
  const shown = actions.filter((action) => action.mode !== 'secondary');
  if (shown.length > ACTIONS) malformed(`${where} shows more than ${ACTIONS} actions.`);
  actions.forEach((action, at) => {
    checkAction(action, `${where}[${at}]`, inputs);
    string(action.title, `${where}[${at}].title`);
  });
}

function checkAction(action: Json, where: string, inputs: string[]): void {
  const type = text(action.type);
  if (!actionTypes.has(type)) malformed(`${where} has the unknown type ${type}.`);
  const { style } = action;
  if (style !== undefined && style !== 'default' && style !== 'positive' && style !== 'destructive')
    malformed(`${where}.style is default, positive or destructive.`);
  if (isRecord(action.fallback)) checkAction(action.fallback, `${where}.fallback`, []);
  if (type === 'Action.Execute') string(action.verb, `${where}.verb`);
  if (type === 'Action.OpenUrl' && !URL.canParse(text(action.url))) malformed(`${where}.url is no URL.`);
  if (type === 'Action.ToggleVisibility' && !Array.isArray(action.targetElements))
    malformed(`${where} has no targetElements.`);
  if (type === 'Action.ShowCard') {
    if (!isRecord(action.card)) return malformed(`${where} has no card.`);
    checkBody(action.card, `${where}.card`, inputs);
  }
  if (type === 'Action.Submit' && isRecord(action.data) && action.data.msteams !== undefined)
    checkTeamsData(action.data.msteams, where);
}

function checkTeamsData(data: unknown, where: string): void {
  if (!isRecord(data) || !teamsData.has(text(data.type)))
    return malformed(`${where}.data.msteams has an unknown type.`);
  if (data.type === 'imBack') string(data.value, `${where}.data.msteams.value`);
}

function checkRefresh(refresh: unknown): void {
  if (refresh === undefined) return;
  if (!isRecord(refresh) || !isRecord(refresh.action)) return malformed('refresh has an action.');
  if (refresh.action.type !== 'Action.Execute') malformed('refresh.action is an Action.Execute.');
  checkAction(refresh.action, 'refresh.action', []);
  if (Array.isArray(refresh.userIds) && refresh.userIds.length > REFRESHERS)
    malformed(`refresh.userIds has more than ${REFRESHERS} people.`);
}

/** The mentions that a card carries in `msteams.entities`. */
export function cardMentions(card: Json): readonly Json[] {
  return isRecord(card.msteams) ? records(card.msteams.entities) : [];
}
