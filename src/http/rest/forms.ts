import type { OptionSets } from '../../chat/option.ts';
import type { Caller, Resource } from '../../resources/definition.ts';
import { columnsOf, formOf } from '../../resources/form.ts';
import type { Resources } from '../../resources/manage.ts';
import { optionSetsOf } from '../../resources/option-sets.ts';
import { may, type Verb } from '../../resources/permit.ts';
import type { World } from '../../resources/world.ts';
import { filterablesOf } from './filters.ts';

const verbs: readonly Verb[] = ['view', 'add', 'change', 'delete'];

/** Everything that a page needs to manage what this caller may see. */
export function formsJson({ all, world }: Pick<Resources, 'all' | 'world'>, by: Caller) {
  const managed = all.filter((resource) => may(resource, 'view', by) && isManaged(resource, by));
  return { resources: managed.map((one) => formJson(one, world, by)) };
}

/** What is open to everybody is nothing to manage for those who manage nothing. */
function isManaged({ isOpen, suffix }: Resource, by: Caller): boolean {
  return isOpen !== true || by.permissions.has(`ai_ops.view_${suffix}`);
}

/** The options of the JSON field of a resource's form, each as a field, null where they are not known; and what each choice begins with. */
export async function optionsJson(resources: Resources, resource: Resource, by: Caller) {
  const options = await optionSetsOf(resources, resource, by);
  if (options === undefined) return { options: null };
  return { options, begins: begun(resources, resource, options) };
}

/** What a new row begins with, by what is chosen. */
function begun({ world }: Resources, { begins }: Resource, { by, choices }: OptionSets) {
  if (begins === undefined) return {};
  return Object.fromEntries(choices.map(({ value }) => [value, begins({ [by]: value }, world)]));
}

function formJson(resource: Resource, world: World, by: Caller) {
  const { path, word, one, many, help, nameField } = resource;
  return {
    ...{ path, word, one, many, help },
    name_field: nameField,
    may: Object.fromEntries(verbs.map((verb) => [verb, may(resource, verb, by)])),
    columns: columnsOf(resource),
    form: formOf(resource, world),
    filters: filterablesOf(resource).map(({ name }) => name),
    search: resource.search.length > 0,
    has_options: resource.options !== undefined,
    has_successor: resource.successor !== undefined,
    has_row_form: resource.asked !== undefined,
    actions: Object.entries(resource.actions ?? {}).map(
      ([name, { label, help: about, method, needs, input, shownWhen, isRare }]) => ({
        ...{ name, label, help: about, method },
        takes_input: input !== undefined,
        is_rare: isRare === true,
        ...(shownWhen === undefined ? {} : { shown_when: shownWhen }),
        may: may(resource, needs, by),
      }),
    ),
  };
}
