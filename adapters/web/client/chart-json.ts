/** The JSON object of a chart. Undefined: it is none. */
export function parsed(code: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return recordOf(JSON.parse(code));
  } catch {
    return undefined;
  }
}

export function recordOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null ? { ...value } : undefined;
}
