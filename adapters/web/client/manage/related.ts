/** The row that a relation leads to, as far as the row that holds it says. */
export interface Related {
  readonly id: string;
  readonly name: string;
}

/** Reads a value of a row as a relation; undefined where it is none. */
export function relatedIn(value: unknown): Related | undefined {
  if (typeof value !== 'object' || value === null || !('id' in value) || !('name' in value)) return undefined;
  return { id: String(value.id), name: String(value.name) };
}
