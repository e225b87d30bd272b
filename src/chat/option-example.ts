import { isRecord, type Json } from './json.ts';

/** A value that fits a JSON Schema of a list or an object, for people to learn from; undefined where that says nothing. */
export function exampleOf(schema: Json): unknown {
  const { type, items, properties, additionalProperties: others } = schema;
  if (type === 'array' && isRecord(items)) return [sampleOf(items)];
  if (type !== 'object') return undefined;
  if (isRecord(properties) && Object.keys(properties).length > 0) return sampleOf(schema);
  return isRecord(others) && others.$ref === undefined ? { name: sampleOf(others) } : undefined;
}

function sampleOf(schema: Json): unknown {
  if (schema.default !== undefined) return schema.default;
  if (Object.hasOwn(schema, 'const')) return schema.const;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  const union = [schema.anyOf, schema.oneOf].find(Array.isArray);
  if (union !== undefined) return sampleOf(Object(union.at(-1)));
  return sampleOfType(schema);
}

function sampleOfType(schema: Json): unknown {
  switch (schema.type) {
    case 'boolean':
      return true;
    case 'number':
    case 'integer':
      return typeof schema.minimum === 'number' ? schema.minimum : 1;
    case 'array':
      return [];
    case 'object':
      return sampleObject(schema);
    default:
      return '…';
  }
}

/** What must be there, and one thing that may be. */
function sampleObject({ properties, required }: Json): Json {
  const all = Object.entries(Object(properties)).filter(([, one]) => isRecord(one) && one.not === undefined);
  const needed = new Set(Array.isArray(required) ? required : []);
  const optional = all.find(([name, one]) => !needed.has(name) && isRecord(one) && one.default === undefined);
  const first = optional ?? all.find(([name]) => !needed.has(name));
  const shown = all.filter(([name]) => needed.has(name) || name === first?.[0]);
  return Object.fromEntries(shown.map(([name, one]) => [name, sampleOf(Object(one))]));
}
