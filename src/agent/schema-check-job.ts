import type { Json, JsonObject } from './json.ts';
import { type Misfit, misfitsOf } from './schema-check.ts';

/** What is to be checked: the tool's own schema is the first, all others were added. */
export interface Checking {
  readonly schemas: readonly JsonObject[];
  readonly value: Json;
}

/** Against each of the schemas. */
export function misfitsIn({ schemas, value }: Checking): readonly Misfit[] {
  return schemas.flatMap((schema, at) => misfitsOf(schema, value, at === 0 ? 'tool' : 'added'));
}
