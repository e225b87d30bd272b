import type { DeskAction, DeskKind, DeskRow, DeskVerb, Difference, Fact } from '../chat/desk.ts';
import { deskVerbs } from '../chat/desk.ts';
import type { Caller, Field, Resource, Row } from '../resources/definition.ts';
import { columnsOf, formOf } from '../resources/form.ts';
import { fieldsOf, nameOf } from '../resources/input.ts';
import { allows, may, neededFor, type Verb } from '../resources/permit.ts';
import { differenceOf, displayOf, present } from '../resources/present.ts';
import type { World } from '../resources/world.ts';

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
}

/** A row as lists in a chat show it. */
export function briefRow(resource: Resource, row: Row, place: Place): DeskRow {
  const brief = resource.brief?.(row, place.world);
  if (brief === undefined)
    return deskRow(resource, row, { ...place, facts: columnFacts(resource, row, place.world) });
  const facts = Object.entries(brief).map(([label, value]) => ({ name: label, label, value }));
  return deskRow(resource, row, { ...place, facts });
}

function columnFacts(resource: Resource, row: Row, world: World): readonly Fact[] {
  const shown = present(resource, row, world);
  return columnsOf(resource)
    .filter(({ name }) => name !== resource.nameField)
    .map(({ name, label }) => ({ name, label, value: plainOf(shown[name]) }));
}

/** A row with all that can be shown of it. */
export function wholeRow(resource: Resource, row: Row, place: Place): DeskRow {
  const shown = present(resource, row, place.world);
  const facts = Object.entries(fieldsOf(resource)).flatMap(([name, field]) =>
    field.isHidden || field.column === 'virtual' || !applies(field, row)
      ? []
      : [factOf(name, field, shown[name])],
  );
  const more = Object.entries(resource.brief?.(row, place.world) ?? {}).filter(
    ([label]) => !facts.some((fact) => fact.label === label),
  );
  const briefs = more.map(([label, value]) => ({ name: label, label, value }));
  return deskRow(resource, row, { ...place, facts: [...facts, ...briefs] });
}

/** What stays as it is because the row is of another kind says nothing of it. */
function applies({ shownWhen }: Field, row: Row): boolean {
  return shownWhen === undefined || shownWhen.in.includes(String(row[shownWhen.field]));
}

function factOf(name: string, field: Field, value: unknown): Fact {
  return { name, label: field.label, value: plainOf(value) };
}

/** Relations by name. */
function plainOf(value: unknown): unknown {
  const isRelation = typeof value === 'object' && value !== null && 'id' in value && 'name' in value;
  return isRelation ? nameOf(value) : value;
}

function deskRow(
  resource: Resource,
  row: Row,
  { by, facts }: Place & { readonly facts: readonly Fact[] },
): DeskRow {
  const flag = switchOf(resource);
  const offered = Object.entries(resource.actions ?? {}).filter(
    ([, { needs: verb, shownWhen }]) =>
      may(resource, verb, by) &&
      (shownWhen === undefined || shownWhen.in.includes(String(row[shownWhen.field]))),
  );
  return {
    id: row.id,
    name: nameOfRow(resource, row),
    title: displayOf(resource, row),
    icon: resource.icon?.(row) ?? '',
    ...(flag === undefined ? {} : { isOn: row[flag] === true }),
    ...(typeof row.revision === 'string' ? { revision: row.revision } : {}),
    facts,
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
  return Object.entries(fieldsOf(resource)).flatMap(([field, { label, isHidden }]) =>
    isHidden || !names.has(field)
      ? []
      : [
          {
            field,
            label,
            before: plainOf(difference.before[field]),
            after: plainOf(difference.after[field]),
          },
        ],
  );
}
