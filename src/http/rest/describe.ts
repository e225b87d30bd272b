import type { Choice } from '../../chat/form.ts';
import type { Field, Resource } from '../../resources/definition.ts';
import { fieldsOf } from '../../resources/input.ts';
import { allows, permit } from '../../resources/permit.ts';
import type { Call } from './call.ts';

/** What can be written to a list, as clients of Nautobot 2.4 ask for it by OPTIONS. */
export function describeList({ by }: Call, resource: Resource) {
  permit(resource, 'view', { by, denied: () => {} });
  const fields = Object.entries(fieldsOf(resource)).filter(([, { isHidden }]) => !isHidden);
  const described = Object.fromEntries(fields.map(([name, field]) => [name, describeField(field)]));
  return {
    name: resource.many,
    description: resource.help,
    renders: ['application/json'],
    parses: ['application/json'],
    actions: {
      ...(allows(resource, 'add') ? { POST: described } : {}),
      ...(allows(resource, 'change') ? { PUT: described } : {}),
    },
  };
}

function describeField(field: Field) {
  const { label, help, widget, isReadOnly, initial, isNullable } = field;
  const maxLength = 'maxLength' in widget ? { max_length: widget.maxLength } : {};
  return {
    type: typeOf(field),
    required: !isReadOnly && initial === undefined,
    read_only: isReadOnly,
    allow_null: isNullable,
    label,
    help_text: help,
    ...maxLength,
    ...(widget.type === 'choice' ? { choices: widget.choices.map(choiceJson) } : {}),
  };
}

function choiceJson({ value, label }: Choice) {
  return { value, display: label, display_name: label };
}

/** In the words of Django REST framework. */
function typeOf({ widget }: Field): string {
  switch (widget.type) {
    case 'text':
    case 'paragraph':
    case 'secret':
    case 'principal':
    case 'place':
      return 'string';
    case 'number':
      return widget.isInteger ? 'integer' : 'float';
    case 'switch':
      return 'boolean';
    case 'choice':
      return 'choice';
    case 'texts':
      return 'list';
    case 'pairs':
    case 'json':
      return 'nested object';
    case 'reference':
      return 'field';
    case 'time':
      return 'datetime';
    default:
      return widget satisfies never;
  }
}
