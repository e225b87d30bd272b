import type { DeskAction, DeskKind, DeskRow, DeskVerb, Difference, Fact } from '../chat/desk.ts';
import { deskVerbs } from '../chat/desk.ts';
import { timeInWords } from '../chat/read-time.ts';
import type { Caller, Field, Resource, Row } from '../resources/definition.ts';
import { columnsOf, formOf } from '../resources/form.ts';
import { fieldsOf, nameOf } from '../resources/input.ts';
import { allows, may, neededFor, type Verb } from '../resources/permit.ts';
import { differenceOf, displayOf, present } from '../resources/present.ts';
import { secretDoubts } from '../resources/secret-fields.ts';
import type { World } from '../resources/world.ts';
import type { Called } from './called.ts';

const needs: Readonly<Record<DeskVerb, Verb>> = {
  list: 'view',
  show: 'view',
  add: 'add',
  edit: 'change',
  delete: 'delete',
  enable: 'change',
  disable: 'change',
};

/** A resource as command lines and menus know it. */
export function kindOf(resource: Resource, world: World, by: Caller): DeskKind {
  const { path, word, one, many, help, nameField } = resource;
  const hasSwitch = switchOf(resource) !== undefined;
  const isSwitch = (verb: DeskVerb) => verb === 'enable' || verb === 'disable';
  const verbs = deskVerbs.filter((verb) => allows(resource, needs[verb]) && (hasSwitch || !isSwitch(verb)));
  return {
    ...{ path, word, one, many, help, nameField },
    verbs: new Set(verbs),
    allowed: new Set(verbs.filter((verb) => may(resource, needs[verb], by))),
    needs: {
      list: neededFor(resource, 'view'),
      show: neededFor(resource, 'view'),
      add: neededFor(resource, 'add'),
      edit: neededFor(resource, 'change'),
      delete: neededFor(resource, 'delete'),
      enable: neededFor(resource, 'change'),
      disable: neededFor(resource, 'change'),
    },
    actions: actionsOf(resource, by),
    form: formOf(resource, world),
    asks: (given) => resource.asks?.(given) ?? [],
    canTry: resource.tryOut !== undefined,
  };
}

function actionsOf(resource: Resource, by: Caller): readonly DeskAction[] {
  return Object.entries(resource.actions ?? {}).map(([name, action]) => ({
    name,
    label: action.label,
    help: action.help,
    isRare: action.isRare === true,
    needs: action.needs,
    isAllowed: may(resource, action.needs, by),
    fields: action.input?.form ?? [],
  }));
}

/** The field that switches its rows on and off. */
function switchOf(resource: Resource): string | undefined {
  return ['is_enabled', 'is_active'].find((name) => resource.fields[name]?.isReadOnly === false);
}

/** How people name a row: ids are not for people. */
export function nameOfRow(resource: Resource, row: Row): string {
  const name = row[resource.nameField];
  return resource.nameField === 'id' || typeof name !== 'string' || name === ''
    ? displayOf(resource, row)
    : name;
}

interface Place {
  readonly world: World;
  readonly by: Caller;
  /** The row that is used where none is chosen. */
  readonly foremost?: Row | undefined;
}

function briefOf(resource: Resource, row: Row, { world, foremost }: Place) {
  return resource.brief?.(row, world, resource.foremost === undefined ? undefined : foremost?.id === row.id);
}

/** A row as lists in a chat show it. */
export function briefRow(resource: Resource, row: Row, place: Place): DeskRow {
  const brief = briefOf(resource, row, place);
  if (brief === undefined)
    return deskRow(resource, row, { ...place, facts: columnFacts(resource, row, place.world) });
  return deskRow(resource, row, { ...place, facts: briefFacts(resource, row, brief) });
}

/** What a brief says as the field of the same label does is in the words of that. */
function briefFacts(resource: Resource, row: Row, brief: Readonly<Record<string, unknown>>): readonly Fact[] {
  const fields = Object.entries(fieldsOf(resource));
  return Object.entries(brief).map(([label, value]) => {
    const [name, field] = fields.find(([known, one]) => one.label === label && row[known] === value) ?? [];
    return { name: name ?? label, label, value: field === undefined ? value : inWords(field, value) };
  });
}

function columnFacts(resource: Resource, row: Row, world: World): readonly Fact[] {
  const shown = present(resource, row, world);
  const fields = fieldsOf(resource);
  return columnsOf(resource)
    .filter(({ name }) => name !== resource.nameField)
    .map(({ name, label }) => ({ name, label, value: inWords(fields[name], shown[name]) }));
}

/** A row with all that can be shown of it. */
export function wholeRow(resource: Resource, row: Row, place: Place): DeskRow {
  const shown = present(resource, row, place.world);
  const facts = Object.entries(fieldsOf(resource)).flatMap(([name, field]) =>
    field.isHidden || field.column === 'virtual' || !applies(field, row)
      ? []
      : [factOf(name, field, shown[name])],
  );
  const more = briefFacts(resource, row, briefOf(resource, row, place) ?? {}).filter(
    (brief) => !facts.some((fact) => isSaid(brief, fact)),
  );
  const details = Object.entries(resource.details?.(row, place.world) ?? {});
  const besides = details.map(([label, value]) => ({ name: label, label, value }));
  return deskRow(resource, row, { ...place, facts: [...facts, ...more, ...besides] });
}

/** Under another label it is the same text; numbers are alike by chance. */
function isSaid(brief: Fact, { label, value }: Fact): boolean {
  return label === brief.label || (typeof value === 'string' && value !== '' && value === brief.value);
}

/** What stays as it is because the row is of another kind says nothing of it. */
function applies({ shownWhen }: Field, row: Row): boolean {
  return shownWhen === undefined || shownWhen.in.includes(String(row[shownWhen.field]));
}

function factOf(name: string, field: Field, value: unknown): Fact {
  return { name, label: field.label, value: inWords(field, value) };
}

/** A value as people say it: relations by name, choices by their labels, numbers with their units. */
function inWords(field: Field | undefined, value: unknown): unknown {
  const plain = plainOf(value);
  const widget = field?.widget;
  if (widget?.type === 'choice')
    return widget.choices.find((choice) => choice.value !== '' && choice.value === plain)?.label ?? plain;
  if (widget?.type !== 'number' || widget.unit === undefined || typeof plain !== 'number') return plain;
  return widget.unit === '$' ? `$${plain}` : `${plain} ${widget.unit}`;
}

/** Relations by name. */
function plainOf(value: unknown): unknown {
  const isRelation = typeof value === 'object' && value !== null && 'id' in value && 'name' in value;
  return isRelation ? nameOf(value) : value;
}

function deskRow(
  resource: Resource,
  row: Row,
  { by, world, facts }: Place & { readonly facts: readonly Fact[] },
): DeskRow {
  const flag = switchOf(resource);
  const doubts = secretDoubts(resource, row, world);
  const isDoubtful = doubts.length > 0 && (flag === undefined || row[flag] === true);
  const attention = doubts.map((value) => ({ name: 'attention', label: 'Attention', value }));
  const offered = Object.entries(resource.actions ?? {}).filter(
    ([, { needs: verb, shownWhen }]) =>
      may(resource, verb, by) &&
      (shownWhen === undefined || shownWhen.in.includes(String(row[shownWhen.field]))),
  );
  return {
    id: row.id,
    name: nameOfRow(resource, row),
    title: displayOf(resource, row),
    icon: isDoubtful ? '⚠️' : (resource.icon?.(row) ?? ''),
    ...(flag === undefined ? {} : { isOn: row[flag] === true }),
    ...(typeof row.revision === 'string' ? { revision: row.revision } : {}),
    facts: [...facts, ...attention],
    actions: offered.map(([name]) => name),
  };
}

/** What differs between two states of a row, in the order of its fields. */
export function differences(
  resource: Resource,
  before: Row | undefined,
  after: Row | undefined,
): readonly Difference[] {
  const difference = differenceOf(resource, before, after);
  const names = new Set([...Object.keys(difference.before), ...Object.keys(difference.after)]);
  /** Of something new, what is for another kind of it says nothing. */
  const isBesides = (field: Field) => before === undefined && after !== undefined && !applies(field, after);
  return Object.entries(fieldsOf(resource)).flatMap(([name, field]) =>
    field.isHidden || !names.has(name) || isBesides(field)
      ? []
      : [
          {
            field: name,
            label: field.label,
            before: inWords(field, difference.before[name]),
            after: inWords(field, difference.after[name]),
          },
        ],
  );
}

/** Whom or what ids in a row stand for, where it is known; a brief row says the names alone. */
export async function calledRow(row: DeskRow, called: Called, isBrief: boolean): Promise<DeskRow> {
  const say = (value: unknown) => calledValue(value, called, isBrief);
  const [title, values] = await Promise.all([
    Promise.all(row.title.split(' ').map(say)),
    Promise.all(row.facts.map(({ value }) => say(value))),
  ]);
  const facts = row.facts.map((fact, n) => ({ ...fact, value: values[n] }));
  return { ...row, title: title.join(' '), facts };
}

/** The same of what changed. */
export async function calledDifferences(
  changed: readonly Difference[],
  called: Called,
): Promise<readonly Difference[]> {
  return await Promise.all(
    changed.map(async (difference) => ({
      ...difference,
      before: await calledValue(difference.before, called),
      after: await calledValue(difference.after, called),
    })),
  );
}

async function calledValue(value: unknown, called: Called, isBrief = false): Promise<unknown> {
  if (typeof value !== 'string' || !isPrincipal.test(value)) return value;
  const name = await called(value);
  if (name === undefined) return value;
  return isBrief ? name : `${name} (${value})`;
}

const isPrincipal = /^(?:channel:)?(?:slack|teams|web|token):[^\s()]+$/;

/** What differs, with points in time by the clocks of a zone. */
export function timedDifferences(
  resource: Resource,
  { before, row }: { readonly before?: Row; readonly row: Row },
  timezone: string,
): readonly Difference[] {
  const say = (value: unknown) =>
    typeof value === 'string' && value !== '' ? timeInWords(value, timezone) : value;
  return differences(resource, before, row).map((one) =>
    fieldsOf(resource)[one.field]?.widget.type === 'time'
      ? { ...one, before: say(one.before), after: say(one.after) }
      : one,
  );
}
