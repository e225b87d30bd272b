import { z } from 'zod';
import type { Json, JsonObject } from '../../agent/json.ts';
import type { Hints } from '../effect.ts';
import { hashOf } from '../pins.ts';

/** A tool as its server lists it, with a schema that every vendor takes. */
export interface ListedTool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: JsonObject;
  readonly hints: Hints;
  /** What its server says of it, unchanged: name, title, description, schemas and annotations. */
  readonly definition: JsonObject;
  /** The definition's pin. */
  readonly hash: string;
}

/** What became of one entry of a server's list. `hidden`: it can only be run as a task. */
export type ReadTool =
  | { readonly type: 'tool'; readonly tool: ListedTool }
  | { readonly type: 'hidden'; readonly name: string }
  | { readonly type: 'unusable'; readonly name: string; readonly why: string };

const maxSchemaCharacters = 64_000;
const maxDepth = 32;
/** Anthropic refuses the whole request when one property's name is outside this. */
const propertyName = /^[a-zA-Z0-9_.-]{1,64}$/;
/** OpenAI refuses these beside the `type` of a function's parameters. */
const choices = ['oneOf', 'anyOf', 'allOf'] as const;
/** Keywords whose value is data, not a schema. */
const dataKeywords = new Set(['default', 'const', 'enum', 'examples', 'required']);
/** Keywords whose value maps names to schemas. */
const schemaMaps = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']);

const entrySchema = z.looseObject({
  name: z.string().min(1),
  title: z.string().optional().catch(undefined),
  description: z.string().optional().catch(undefined),
  inputSchema: z.json(),
  annotations: z
    .looseObject({
      title: z.string().optional().catch(undefined),
      readOnlyHint: z.boolean().optional().catch(undefined),
      destructiveHint: z.boolean().optional().catch(undefined),
      openWorldHint: z.boolean().optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
  execution: z.looseObject({ taskSupport: z.string().optional() }).optional().catch(undefined),
});

/** All that models, people or policy may be told of a tool; each part as its server gives it. */
const definitionSchema = z.object({
  name: z.string(),
  title: z.json().optional(),
  description: z.json().optional(),
  inputSchema: z.json(),
  outputSchema: z.json().optional(),
  annotations: z.json().optional(),
});

const maxNameCharacters = 256;
const maxDefinitionCharacters = 256_000;

/** Judges one entry of `tools/list`. Never throws: a broken tool costs only itself. */
export function readTool(entry: unknown): ReadTool {
  try {
    return judge(entry);
  } catch {
    return { type: 'unusable', name: nameOf(entry), why: 'its definition cannot be read' };
  }
}

function judge(entry: unknown): ReadTool {
  const parsed = entrySchema.safeParse(entry);
  if (!parsed.success) return { type: 'unusable', name: nameOf(entry), why: 'its definition is not valid' };
  const { name, title, description, inputSchema, annotations, execution } = parsed.data;
  if (execution?.taskSupport === 'required') return { type: 'hidden', name };
  const cleaned = cleanSchema(inputSchema);
  if ('why' in cleaned) return { type: 'unusable', name, why: cleaned.why };
  const definition = definitionSchema.parse(entry);
  const why = unpinnable(definition);
  if (why !== undefined) return { type: 'unusable', name: nameOf(entry), why };
  return {
    type: 'tool',
    tool: {
      name,
      description: description ?? title ?? annotations?.title ?? '',
      inputSchema: cleaned.schema,
      hints: {
        readOnlyHint: annotations?.readOnlyHint,
        destructiveHint: annotations?.destructiveHint,
        openWorldHint: annotations?.openWorldHint,
      },
      definition,
      hash: hashOf(definition),
    },
  };
}

/** Why a definition could not be kept to be compared with later. */
function unpinnable(definition: z.infer<typeof definitionSchema>): string | undefined {
  const { name } = definition;
  if (name.length > maxNameCharacters) return 'its name is too long';
  if (name.includes('\0') || !name.isWellFormed()) return 'its name holds characters that cannot be stored';
  return JSON.stringify(definition).length > maxDefinitionCharacters
    ? 'its definition is too large'
    : undefined;
}

/**
 * An input schema that no vendor answers with 400: an object with properties and without `$schema`,
 * no alternatives at the top (their properties are merged; the server still checks), every array
 * with items. `why` when it cannot be made so.
 */
export function cleanSchema(input: Json): { readonly schema: JsonObject } | { readonly why: string } {
  if (!isObject(input)) return { why: 'its input schema is not an object' };
  if (JSON.stringify(input).length > maxSchemaCharacters) return { why: 'its input schema is too large' };
  if (!mayBeObject(input)) return { why: 'its input schema does not describe an object' };
  const why = findFault(input, input, 0);
  if (why !== undefined) return { why };
  const schema = mend({ ...flatten(input), type: 'object' });
  const bad = Object.keys(propertiesOf(schema)).find((key) => !propertyName.test(key));
  if (bad !== undefined)
    return { why: `its parameter ${JSON.stringify(bad.slice(0, 80))} has a name that models cannot use` };
  return { schema: { ...schema, properties: propertiesOf(schema) } };
}

function mayBeObject({ type }: JsonObject): boolean {
  return type === undefined || type === 'object' || (Array.isArray(type) && type.includes('object'));
}

function findFault(node: Json | undefined, root: JsonObject, depth: number): string | undefined {
  if (depth > maxDepth) return 'its input schema is nested too deeply';
  if (isList(node)) return firstFault(node, root, depth);
  if (!isObject(node)) return undefined;
  const { $ref } = node;
  if (typeof $ref === 'string' && !resolves($ref, root))
    return 'its input schema refers to something that is not in it';
  const maps = Object.entries(node).filter(([key]) => schemaMaps.has(key));
  if (maps.some(([, map]) => !isObject(map) || !Object.values(map).every(isSchema))) {
    return 'its input schema has a parameter without a schema';
  }
  return firstFault(innerSchemas(node), root, depth);
}

function innerSchemas(node: JsonObject): readonly (Json | undefined)[] {
  return Object.entries(node).flatMap(([key, value]) => {
    if (dataKeywords.has(key)) return [];
    return schemaMaps.has(key) && isObject(value) ? Object.values(value) : [value];
  });
}

function firstFault(
  nodes: readonly (Json | undefined)[],
  root: JsonObject,
  depth: number,
): string | undefined {
  for (const node of nodes) {
    const fault = findFault(node, root, depth + 1);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Only a JSON pointer into the same schema can be followed by a vendor. */
function resolves(ref: string, root: JsonObject): boolean {
  if (ref !== '#' && !ref.startsWith('#/')) return false;
  const parts = ref
    .split('/')
    .slice(1)
    .map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'));
  let node: Json | undefined = root;
  for (const part of parts) {
    if (isList(node)) node = node[Number(part)];
    else node = isObject(node) ? node[part] : undefined;
  }
  return isSchema(node);
}

/** Takes alternatives off the top: what any of them allows becomes an optional property. */
function flatten(schema: JsonObject): JsonObject {
  let properties = propertiesOf(schema);
  let required = stringsOf(schema.required);
  for (const choice of choices) {
    for (const branch of objectsOf(schema[choice])) {
      properties = { ...propertiesOf(branch), ...properties };
      if (choice === 'allOf') required = [...required, ...stringsOf(branch.required)];
    }
  }
  const dropped = new Set<string>([...choices, 'not', 'enum', 'const', 'required', '$schema', '$id']);
  const rest = Object.fromEntries(Object.entries(schema).filter(([key]) => !dropped.has(key)));
  const known = [...new Set(required)].filter((name) => name in properties);
  return { ...rest, properties, ...(known.length === 0 ? {} : { required: known }) };
}

function mend(schema: JsonObject): JsonObject {
  const entries = Object.entries(schema)
    .filter(([key]) => key !== '$schema')
    .map(([key, value]) => [key, mendKeyword(key, value)] as const);
  const mended: JsonObject = Object.fromEntries(entries);
  const lacksItems =
    mended.type === 'array' && mended.items === undefined && mended.prefixItems === undefined;
  return lacksItems ? { ...mended, items: {} } : mended;
}

function mendKeyword(key: string, value: Json | undefined): Json | undefined {
  if (dataKeywords.has(key)) return value;
  if (!schemaMaps.has(key) || !isObject(value)) return mendValue(value);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, mendValue(inner)]));
}

function mendValue(value: Json | undefined): Json | undefined {
  if (isList(value)) return value.map((item) => (isObject(item) ? mend(item) : item));
  return isObject(value) ? mend(value) : value;
}

function propertiesOf(schema: JsonObject): JsonObject {
  const { properties } = schema;
  return isObject(properties) ? properties : {};
}

function stringsOf(value: Json | undefined): readonly string[] {
  return isList(value) ? value.filter((item) => typeof item === 'string') : [];
}

function objectsOf(value: Json | undefined): readonly JsonObject[] {
  return isList(value) ? value.filter(isObject) : [];
}

function isSchema(value: Json | undefined): boolean {
  return isObject(value) || typeof value === 'boolean';
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function nameOf(entry: unknown): string {
  const parsed = z.looseObject({ name: z.string() }).safeParse(entry);
  return parsed.success ? parsed.data.name.slice(0, 128) : '(no name)';
}
