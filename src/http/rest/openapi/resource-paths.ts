import type { Action, Resource } from '../../../resources/definition.ts';
import type { Resources } from '../../../resources/manage.ts';
import { filterablesOf } from '../filters.ts';
import { apiPath } from '../row-json.ts';
import { jsonContent, type Part, ref, refusals } from './answers.ts';
import { exampleId, exampleRow } from './example.ts';
import { jsonSchemaOf, readSchema, schemaName, writtenSchema } from './json-schema.ts';
import { filterParameter, listingOf, pageParameters } from './parameters.ts';

/** What a resource adds to the document. */
export interface Described {
  readonly paths: Part;
  readonly schemas: Part;
  readonly tag: Part;
}

/** Describes all paths of a resource from its definition. */
export function describeResource(resources: Resources, resource: Resource): Described {
  const row = exampleRow(resources, resource);
  const name = schemaName(resource);
  const listPath = `${apiPath}/${resource.path}/`;
  const rowPath = `${listPath}{id}/`;
  const actions = Object.entries(resource.actions ?? {}).map(([action, about]) => [
    `${rowPath}${action}/`,
    { parameters: [idParameter], [about.method.toLowerCase()]: actionOf(resource, action, about) },
  ]);
  return {
    tag: { name: resource.path, description: resource.help },
    paths: {
      [listPath]: listOperations(resource, name, row),
      [rowPath]: { parameters: [idParameter], ...rowOperations(resource, name, row) },
      [`${rowPath}dependents/`]: { parameters: [idParameter], get: dependentsOf(resource) },
      ...(resource.successor === undefined
        ? {}
        : { [`${rowPath}successor/`]: { parameters: [idParameter], get: successorOf(resource) } }),
      ...(resource.asked === undefined
        ? {}
        : { [`${rowPath}form/`]: { parameters: [idParameter], get: rowFormOf(resource) } }),
      ...Object.fromEntries(actions),
    },
    schemas: {
      [name]: readSchema(resource, row),
      ...(resource.changes.length === 0 ? {} : written(resource, name)),
    },
  };
}

/** Of a change all fields may be left out. */
function written(resource: Resource, name: string): Part {
  const schema = writtenSchema(resource);
  const { required: _required, ...partial } = schema;
  return { [`${name}Written`]: schema, [`${name}Changed`]: partial };
}

const idParameter = { name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } };

const ifMatch = {
  name: 'If-Match',
  in: 'header',
  description: 'The ETag that was read; a row that changed since is refused with 412.',
  schema: { type: 'string' },
};

const etag = { ETag: { description: 'For If-Match.', schema: { type: 'string' } } };

function operation(resource: Resource, verb: string, summary: string): Part {
  return { operationId: `${resource.path.replaceAll('-', '_')}_${verb}`, summary, tags: [resource.path] };
}

function can(resource: Resource, change: Resource['changes'][number], part: Part): Part {
  return resource.changes.includes(change) ? part : {};
}

function listOperations(resource: Resource, name: string, row: unknown): Part {
  const about = (verb: string, summary: string) => operation(resource, verb, summary);
  const many = { type: 'array', items: ref(name) };
  const changed = { allOf: [ref('Id'), ref(`${name}Changed`)] };
  const bulk = (verb: string, summary: string) => ({
    ...about(verb, summary),
    requestBody: {
      required: true,
      content: jsonContent({ type: 'array', items: changed }, [{ id: exampleId, ...resource.example }]),
    },
    responses: {
      200: { description: 'As they are now.', content: jsonContent(many, [row]) },
      ...refusals(400, 403, 404, 413),
    },
  });
  return {
    get: {
      ...about('list', `Lists ${resource.many}`),
      parameters: [...pageParameters, ...filterablesOf(resource).map(filterParameter)],
      responses: {
        200: {
          description: 'A page of them.',
          content: jsonContent(listingOf(ref(name)), {
            count: 1,
            next: null,
            previous: null,
            results: [row],
          }),
        },
        ...refusals(400, 403),
      },
    },
    options: {
      ...about('describe', 'Says what can be written'),
      responses: {
        200: {
          description: 'Fields by the methods that take them.',
          content: jsonContent({ type: 'object' }),
        },
        ...refusals(403),
      },
    },
    ...can(resource, 'create', {
      post: {
        ...about('create', `Creates one ${resource.one}, or several`),
        requestBody: {
          required: true,
          content: jsonContent(
            {
              anyOf: [ref(`${name}Written`), { type: 'array', items: ref(`${name}Written`), maxItems: 1000 }],
            },
            resource.example,
          ),
        },
        responses: {
          201: {
            description: 'Created: all or none.',
            content: jsonContent({ anyOf: [ref(name), many] }, row),
          },
          ...refusals(400, 403, 413),
        },
      },
    }),
    ...can(resource, 'change', {
      put: bulk('bulk_update', `Replaces several ${resource.many}`),
      patch: bulk('bulk_partial_update', `Changes several ${resource.many}`),
    }),
    ...can(resource, 'delete', {
      delete: {
        ...about('bulk_destroy', `Deletes several ${resource.many}`),
        requestBody: {
          required: true,
          content: jsonContent(
            { type: 'array', items: { anyOf: [ref('Id'), { type: 'string', format: 'uuid' }] } },
            [{ id: exampleId }],
          ),
        },
        responses: { 204: { description: 'Deleted: all or none.' }, ...refusals(400, 403, 404, 409, 413) },
      },
    }),
  };
}

function rowOperations(resource: Resource, name: string, row: unknown): Part {
  const about = (verb: string, summary: string) => operation(resource, verb, summary);
  const answer = { description: 'As it is.', headers: etag, content: jsonContent(ref(name), row) };
  const change = (
    verb: string,
    { summary, schema }: { readonly summary: string; readonly schema: string },
  ) => ({
    ...about(verb, summary),
    parameters: [ifMatch],
    requestBody: { required: true, content: jsonContent(ref(schema), resource.example) },
    responses: { 200: answer, ...refusals(400, 403, 404, 412, 413) },
  });
  return {
    get: {
      ...about('retrieve', `Reads one ${resource.one}`),
      responses: { 200: answer, ...refusals(403, 404) },
    },
    ...can(resource, 'change', {
      put: change('update', {
        summary: 'Replaces it; what is not said takes its default',
        schema: `${name}Written`,
      }),
      patch: change('partial_update', { summary: 'Changes what is said', schema: `${name}Changed` }),
    }),
    ...can(resource, 'delete', {
      delete: {
        ...about('destroy', 'Deletes it'),
        parameters: [ifMatch],
        responses: { 204: { description: 'Deleted.' }, ...refusals(400, 403, 404, 409, 412) },
      },
    }),
  };
}

function dependentsOf(resource: Resource): Part {
  const properties = {
    resource: { type: 'string' },
    one: { type: 'string' },
    many: { type: 'string' },
    field: { type: 'string' },
    on_delete: { type: 'string', enum: ['cascade', 'protect', 'clear', 'close'] },
    count: { type: 'integer' },
    names: { type: 'array', items: { type: 'string' } },
  };
  const item = { type: 'object', properties, required: Object.keys(properties) };
  return {
    ...operation(resource, 'dependents', 'Says what goes, changes or stands in the way when it is deleted'),
    responses: {
      200: { description: 'By resource.', content: jsonContent({ type: 'array', items: item }, []) },
      ...refusals(403, 404),
    },
  };
}

function successorOf(resource: Resource): Part {
  const texts = { sentence: { type: 'string' }, otherwise: { type: 'string' } };
  const found = { type: ['object', 'null'], properties: texts, required: Object.keys(texts) };
  const schema = { type: 'object', properties: { successor: found }, required: ['successor'] };
  return {
    ...operation(resource, 'successor', 'Says what takes its place when it is deleted'),
    responses: {
      200: {
        description: 'In sentences; null: nothing does.',
        content: jsonContent(schema, { successor: null }),
      },
      ...refusals(403, 404),
    },
  };
}

function rowFormOf(resource: Resource): Part {
  return {
    ...operation(resource, 'form', 'Describes how this one is asked for, to draw a page from'),
    responses: {
      200: { description: 'Its fields.', content: jsonContent({ type: 'object' }) },
      ...refusals(403, 404),
    },
  };
}

function actionOf(
  resource: Resource,
  name: string,
  { label, help, method, input, output, example }: Action,
): Part {
  const content =
    input === undefined
      ? jsonContent({ type: 'object' }, {})
      : jsonContent(jsonSchemaOf(input.schema), input.example);
  const body = { requestBody: { ...(input === undefined ? {} : { required: true }), content } };
  return {
    ...operation(resource, name.replaceAll('-', '_'), label),
    description: help,
    ...(method === 'POST' ? body : {}),
    responses: {
      200: { description: 'What came of it.', content: jsonContent(jsonSchemaOf(output, 'output'), example) },
      ...refusals(400, 403, 404, 405, 409),
    },
  };
}
