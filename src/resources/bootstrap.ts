import { readFile } from 'node:fs/promises';
import { InvalidError } from '../chat/errors.ts';
import type { FieldErrors } from '../chat/form.ts';
import { nearest } from '../chat/nearest.ts';
import type { Caller, Resource, Row } from './definition.ts';
import { type ChangingRows, type ResourceStore, TakenError } from './rows.ts';
import type { World } from './world.ts';
import { type Changed, type Place, settled, takenErrors, writeRow } from './write-row.ts';

/** The file named by AI_OPS_BOOTSTRAP is wrong; every problem with its place. */
export class BootstrapError extends Error {
  override readonly name = 'BootstrapError';
}

/** What a bootstrap file lists: rows by the REST path of their resource. */
export type Bootstrap = ReadonlyMap<string, readonly unknown[]>;

/** Reads the file named by AI_OPS_BOOTSTRAP; without one there is nothing to create. Throws `BootstrapError`. */
export async function readBootstrap(path: string | undefined): Promise<Bootstrap> {
  if (path === undefined) return new Map();
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new BootstrapError(`AI_OPS_BOOTSTRAP ${path} cannot be read (${messageOf(error)}).`, {
      cause: error,
    });
  });
  return parseBootstrap(text, path);
}

/** Settings may be written as an object of names and values. Throws `BootstrapError`. */
export function parseBootstrap(text: string, path = ''): Bootstrap {
  const file = parseJson(text, path);
  if (!isRecord(file)) throw new BootstrapError(`AI_OPS_BOOTSTRAP ${path} must hold a JSON object.`);
  const entries = Object.entries(file).map(([name, rows]) => {
    if (Array.isArray(rows)) return [name, rows] as const;
    if (name === 'settings' && isRecord(rows)) return [name, settingRows(rows)] as const;
    throw new BootstrapError(`AI_OPS_BOOTSTRAP ${path} is wrong:\n  - ${name}: must be a list.`);
  });
  return new Map(entries);
}

function settingRows(settings: Readonly<Record<string, unknown>>): readonly unknown[] {
  return Object.entries(settings).map(([name, value]) => ({ name, value }));
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BootstrapError(`AI_OPS_BOOTSTRAP ${path} is not JSON (${messageOf(error)}).`, { cause: error });
  }
}

export interface BootstrapParts {
  readonly store: ResourceStore;
  readonly resources: readonly Resource[];
  readonly world: World;
}

/** A row that a bootstrap file has created. */
export interface Created {
  readonly resource: Resource;
  readonly changed: Changed;
  readonly by: Caller;
}

/**
 * Creates what the file lists and what is not there yet, by unique name; all of it or, when anything
 * is wrong, nothing: throws `BootstrapError` with every problem. Nothing is found out about the rows yet.
 */
export async function applyBootstrap(
  file: Bootstrap,
  { store, resources, world }: BootstrapParts,
): Promise<readonly Created[]> {
  const problems = [...file.keys()].flatMap((path) => unknownPath(path, resources));
  const wanted = resources.filter(({ path }) => file.has(path));
  if (wanted.length === 0 && problems.length === 0) return [];
  return await store.change(async (rows) => {
    const created: Created[] = [];
    const place = {
      created,
      rows,
      world,
      by: bootstrapper(world),
      byPath: new Map(resources.map((item) => [item.path, item])),
    };
    for (const resource of inOrder(wanted)) {
      problems.push(...(await createAll(resource, file.get(resource.path) ?? [], place)));
    }
    if (problems.length > 0) throw wrong(problems);
    return await settleAll(created, place);
  });
}

/** Rows that were made by one file are made together. */
async function settleAll(created: readonly Created[], place: Place): Promise<readonly Created[]> {
  const all: Created[] = [];
  for (const [resource, rows] of Map.groupBy(created, (one) => one.resource)) {
    const changed = await settled(
      resource,
      rows.map((one) => one.changed),
      place,
    );
    all.push(...changed.map((one) => ({ resource, changed: one, by: place.by })));
  }
  return all;
}

interface Creating extends Place {
  readonly created: Created[];
}

/** What others refer to comes first. */
function inOrder(resources: readonly Resource[]): readonly Resource[] {
  const refersTo = (resource: Resource) =>
    Object.values(resource.fields).flatMap(({ relation }) => (relation === undefined ? [] : [relation.to]));
  const left = [...resources];
  const ordered: Resource[] = [];
  while (left.length > 0) {
    const free = left.findIndex(
      (resource) => !left.some((other) => other !== resource && refersTo(resource).includes(other.path)),
    );
    ordered.push(...left.splice(Math.max(0, free), 1));
  }
  return ordered;
}

async function createAll(
  resource: Resource,
  inputs: readonly unknown[],
  place: Creating,
): Promise<readonly string[]> {
  const problems: string[] = [];
  const seen = new Set<string>();
  for (const [n, input] of inputs.entries()) {
    const key = JSON.stringify(keyOf(resource, input));
    const found = seen.has(key)
      ? [`${resource.nameField}: The file has another one of this name.`]
      : await createMissing(resource, input, place);
    seen.add(key);
    problems.push(...found.map((text) => `${resource.path}[${n}].${text}`));
  }
  return problems;
}

/** The fields that tell a row from all others, with the values that an input gives, as they would be stored. */
function keyOf(resource: Resource, input: unknown): readonly (readonly [string, string])[] {
  const given = isRecord(input) ? (resource.accept?.(input, undefined) ?? input) : {};
  return (resource.key ?? [resource.nameField]).map((field) => {
    const parsed = resource.fields[field]?.schema.safeParse(given[field]);
    return [field, String((parsed?.success === true ? parsed.data : given[field]) ?? '')];
  });
}

/** Sentences about what is wrong with a row, with their fields; none when it is there now. */
async function createMissing(
  resource: Resource,
  input: unknown,
  place: Creating,
): Promise<readonly string[]> {
  const before = await same(resource, input, place.rows);
  try {
    if (before !== undefined) return await fillIn(resource, before, { input, place });
    if (!resource.changes.includes('create'))
      return [`${resource.nameField}: There is no such ${resource.one}.`];
    const changed = await writeRow(resource, { input, isPartial: false }, place);
    place.created.push({ resource, changed, by: place.by });
    return changed.reveal === undefined
      ? []
      : [`name: It cannot be created by a file, because nobody would see its secret.`];
  } catch (error) {
    if (error instanceof InvalidError) return sentences(error.fields);
    if (error instanceof TakenError)
      throw wrong(sentences(takenErrors(resource, error)).map((text) => `${resource.path}.${text}`));
    throw error;
  }
}

/** The row that the file means, if it is there. */
async function same(resource: Resource, input: unknown, rows: ChangingRows): Promise<Row | undefined> {
  const filters = keyOf(resource, input).map(([field, value]) => ({
    field,
    comparison: 'is' as const,
    values: [value],
  }));
  const found = await rows.list(resource, { filters, order: [], limit: 1, offset: 0 });
  return found.rows[0];
}

/** A row that is there from the start is filled in while nobody has touched it. */
async function fillIn(
  resource: Resource,
  before: Row,
  { input, place }: { readonly input: unknown; readonly place: Place },
): Promise<readonly string[]> {
  if (resource.isSeeded !== true || before.created !== before.last_updated) return [];
  await writeRow(resource, { id: before.id, input, isPartial: true }, place);
  return [];
}

function bootstrapper(world: World): Caller {
  return {
    author: { principal: 'bot', name: 'Bootstrap file' },
    permissions: world.permissions,
    source: 'bootstrap',
  };
}

function unknownPath(path: string, resources: readonly Resource[]): readonly string[] {
  if (resources.some((resource) => resource.path === path)) return [];
  const meant = nearest(
    path,
    resources.map((resource) => resource.path),
  );
  return [`${path}: There is no such resource.${meant === undefined ? '' : ` Did you mean ${meant}?`}`];
}

function sentences(errors: FieldErrors): readonly string[] {
  return Object.entries(errors).flatMap(([field, texts]) => texts.map((text) => `${field}: ${text}`));
}

function wrong(problems: readonly string[]): BootstrapError {
  return new BootstrapError(
    `AI_OPS_BOOTSTRAP is wrong; nothing of it was created:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
