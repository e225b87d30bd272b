import type { Identity } from '../../../src/chat/identity.ts';
import type { FakeResource, FakeRow } from './fake-resources.ts';

export type Verb = 'view' | 'add' | 'change' | 'delete';

/** What somebody may do with a resource. */
export function mayOf(
  { suffix, isFixed = false }: FakeResource,
  { permissions }: Identity,
): Record<Verb, boolean> {
  const has = (verb: Verb) => permissions.has(`ai_ops.${verb}_${suffix}`);
  const mayChange = (verb: Verb) => !isFixed && has(verb);
  return {
    view: has('view'),
    add: mayChange('add'),
    change: mayChange('change'),
    delete: mayChange('delete'),
  };
}

/** Whether the value of a row's field names another row. */
export function pointsTo(
  value: unknown,
  resource: FakeResource,
  { id }: FakeRow,
  { other, name }: { readonly other: FakeResource; readonly name: string },
): boolean {
  const widget = other.fields.find((field) => field.name === name)?.widget;
  if (widget?.type !== 'reference' || widget.resource !== resource.path) return false;
  return typeof value === 'object' && value !== null && 'id' in value && value.id === id;
}
