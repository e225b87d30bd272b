import { z } from 'zod';

/** An operation of an OpenAPI document. */
export interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  /** Names of its parameters in the query. */
  readonly query: readonly string[];
  /** The schema of its JSON body. */
  readonly body?: unknown;
  /** Schemas and examples of its JSON answers, by status. */
  readonly answers: Readonly<Record<string, { readonly schema: unknown; readonly example?: unknown }>>;
}

const content = z.looseObject({
  'application/json': z.looseObject({ schema: z.unknown(), example: z.unknown().optional() }).optional(),
});
const operation = z.looseObject({
  operationId: z.string(),
  parameters: z.array(z.looseObject({ name: z.string(), in: z.string() })).default([]),
  requestBody: z.looseObject({ content }).optional(),
  responses: z.record(z.string(), z.looseObject({ content: content.optional() })),
});
const paths = z.record(z.string(), z.record(z.string(), z.unknown()));

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'];

/** All operations of a document. */
export function operationsOf(document: { readonly paths: unknown }): readonly Operation[] {
  return Object.entries(paths.parse(document.paths)).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([method]) => methods.includes(method))
      .map(([method, value]) => toOperation(path, method, value)),
  );
}

function toOperation(path: string, method: string, value: unknown): Operation {
  const { operationId, parameters, requestBody, responses } = operation.parse(value);
  const body = requestBody?.content['application/json'];
  const answers = Object.entries(responses).flatMap(([status, response]) => {
    const json = response.content?.['application/json'];
    return json === undefined ? [] : [[status, json] as const];
  });
  return {
    id: operationId,
    method: method.toUpperCase(),
    path,
    query: parameters.filter((one) => one.in === 'query').map(({ name }) => name),
    answers: Object.fromEntries(answers),
    ...(body === undefined ? {} : { body: body.schema }),
  };
}
