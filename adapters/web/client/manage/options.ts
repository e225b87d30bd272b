import { listRows, type Row } from './rest.ts';

/** A row that can be chosen. */
export interface Option {
  readonly id: string;
  readonly name: string;
  readonly display: string;
  /** Stored, but nothing in this version of the bot does it. */
  readonly isMissing: boolean;
}

const AT_ONCE = 200;
const MOST = 1000;

/** The rows of a resource to choose from, in its own order; of very many the first. `nameField`: what names them. */
export async function readOptions(resource: string, nameField = 'name'): Promise<readonly Option[]> {
  const options: Option[] = [];
  for (;;) {
    const query = new URLSearchParams({ limit: String(AT_ONCE), offset: String(options.length) });
    const { count, results } = await listRows(resource, query);
    options.push(...results.map((row) => optionOf(row, nameField)));
    if (results.length === 0 || options.length >= Math.min(count, MOST)) return options;
  }
}

function optionOf(row: Row, nameField: string): Option {
  const { id, display, is_available: available } = row;
  const name = row[nameField];
  return { id, name: typeof name === 'string' ? name : '', display, isMissing: available === false };
}
