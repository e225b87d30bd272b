import type { Form, FormField, List, ListColumn, ListRow } from '../chat/form.ts';
import type { Field, Resource, Row } from './definition.ts';
import { fieldsOf, nameOf } from './input.ts';
import { displayOf, present } from './present.ts';
import type { World } from './world.ts';

/** The form of a new row, or of one that is there. Fields that nobody writes are in it as read-only. */
export function formOf(resource: Resource, world: World, row?: Row): Form {
  const fields = Object.entries(fieldsOf(resource))
    .filter(([, field]) => !field.isHidden && field.column !== 'virtual')
    .map(([name, field]) =>
      formField(name, asking(resource, { name, field: offering(field, world), row }), row),
    );
  const title = row === undefined ? `New ${resource.one}` : displayOf(resource, row);
  return { title, submit: row === undefined ? 'Create' : 'Save', fields };
}

function offering(field: Field, { permissions }: World): Field {
  if (field.offers === undefined || field.widget.type !== 'texts') return field;
  const choices = [...permissions].sort().map((value) => ({ value, label: value }));
  return { ...field, widget: { ...field.widget, choices } };
}

interface Asked {
  readonly name: string;
  readonly field: Field;
  readonly row: Row | undefined;
}

/** The field as this row has it. */
function asking(resource: Resource, { name, field, row }: Asked): Field {
  const own = row === undefined ? undefined : resource.asked?.(row, name);
  return own === undefined ? field : { ...field, ...own };
}

function formField(name: string, field: Field, row: Row | undefined): FormField {
  const { label, help, widget, isReadOnly, initial, shownWhen } = field;
  const value = row === undefined ? initial : row[name];
  return {
    name,
    label,
    help,
    widget,
    isReadOnly,
    isNullable: field.isNullable,
    isRequired: !isReadOnly && initial === undefined,
    ...(value === undefined ? {} : { value: field.relation === undefined ? value : writtenRelation(value) }),
    ...(shownWhen === undefined ? {} : { shownWhen }),
  };
}

/** A stored relation by its name; an initial one is a name already. */
function writtenRelation(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? nameOf(value) : value;
}

/** The columns of a resource's list. */
export function columnsOf(resource: Resource): readonly ListColumn[] {
  return resource.columns.map((name) => {
    const field = resource.fields[name];
    return { name, label: field?.label ?? labelOf(name), type: typeOf(field) };
  });
}

function labelOf(name: string): string {
  const words = name.replace(/^is_/, '').replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function typeOf(field: Field | undefined): ListColumn['type'] {
  if (field?.relation !== undefined) return field.relation.to === 'statuses' ? 'status' : 'reference';
  switch (field?.widget.type) {
    case 'switch':
      return 'flag';
    case 'number':
      return 'number';
    case 'time':
      return 'time';
    default:
      return 'text';
  }
}

export interface ListPage {
  readonly rows: readonly Row[];
  readonly count: number;
  readonly offset: number;
}

/** A page of rows as people see it. */
export function listOf(resource: Resource, page: ListPage, world: World): List {
  return {
    title: resource.many,
    columns: columnsOf(resource),
    rows: page.rows.map((row) => listRow(resource, row, world)),
    total: page.count,
    offset: page.offset,
  };
}

function listRow(resource: Resource, row: Row, world: World): ListRow {
  const shown = present(resource, row, world);
  const cells = resource.columns.map((name) => [name, writtenRelation(shown[name])]);
  return { id: row.id, title: displayOf(resource, row), cells: Object.fromEntries(cells) };
}
