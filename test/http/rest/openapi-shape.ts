import { z } from 'zod';

/**
 * The shape of an OpenAPI document as https://spec.openapis.org/oas/v3.1.0 lays it down, for what ours
 * uses: objects take no other names than these.
 */

const reference = z.strictObject({ $ref: z.string().startsWith('#/components/') });

const types = ['string', 'number', 'integer', 'boolean', 'array', 'object', 'null'] as const;

/** JSON Schema, draft 2020-12. */
const schema: z.ZodType = z.lazy(() =>
  z.strictObject({
    $ref: z.string().startsWith('#/components/schemas/').optional(),
    type: z.union([z.enum(types), z.array(z.enum(types))]).optional(),
    title: z.string().optional(),
    description: z.string().optional(),
    default: z.unknown().optional(),
    const: z.unknown().optional(),
    enum: z.array(z.unknown()).min(1).optional(),
    format: z.string().optional(),
    pattern: z.string().optional(),
    minLength: z.int().optional(),
    maxLength: z.int().optional(),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
    minItems: z.int().optional(),
    maxItems: z.int().optional(),
    items: schema.optional(),
    properties: z.record(z.string(), schema).optional(),
    propertyNames: schema.optional(),
    additionalProperties: z.union([z.boolean(), schema]).optional(),
    required: z.array(z.string()).min(1).optional(),
    anyOf: z.array(schema).min(1).optional(),
    oneOf: z.array(schema).min(1).optional(),
    allOf: z.array(schema).min(1).optional(),
    readOnly: z.boolean().optional(),
  }),
);

const content = z.record(
  z.string().includes('/'),
  z.strictObject({ schema, example: z.unknown().optional() }),
);

const parameter = z
  .strictObject({
    name: z.string(),
    in: z.enum(['query', 'path', 'header', 'cookie']),
    description: z.string().optional(),
    required: z.boolean().optional(),
    explode: z.boolean().optional(),
    schema,
  })
  .refine((one) => one.in !== 'path' || one.required === true, { error: 'a path parameter is required' });

const response = z.strictObject({
  description: z.string(),
  headers: z.record(z.string(), z.strictObject({ description: z.string().optional(), schema })).optional(),
  content: content.optional(),
});

const operation = z.strictObject({
  operationId: z.string().regex(/^[a-z][a-z0-9_]*$/),
  tags: z.array(z.string()).length(1),
  summary: z.string().min(1),
  description: z.string().optional(),
  parameters: z.array(parameter).optional(),
  requestBody: z.strictObject({ required: z.boolean().optional(), content }).optional(),
  responses: z.record(z.string().regex(/^[1-5]\d\d$/), z.union([reference, response])),
  security: z.array(z.record(z.string(), z.array(z.string()))).optional(),
});

const pathItem = z.strictObject({
  parameters: z.array(parameter).optional(),
  get: operation.optional(),
  put: operation.optional(),
  post: operation.optional(),
  patch: operation.optional(),
  delete: operation.optional(),
  options: operation.optional(),
});

const securityScheme = z.strictObject({
  type: z.literal('apiKey'),
  in: z.enum(['header', 'cookie']),
  name: z.string(),
  description: z.string().optional(),
});

/** A whole document. */
export const openApi = z.strictObject({
  openapi: z.string().regex(/^3\.1\.\d+$/),
  info: z.strictObject({ title: z.string(), version: z.string(), description: z.string().optional() }),
  servers: z.array(z.strictObject({ url: z.string() })),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  tags: z.array(z.strictObject({ name: z.string(), description: z.string() })),
  paths: z.record(z.string().startsWith('/'), pathItem),
  components: z.strictObject({
    securitySchemes: z.record(z.string(), securityScheme),
    responses: z.record(z.string(), response),
    schemas: z.record(z.string().regex(/^[A-Za-z0-9._-]+$/), schema),
  }),
});
