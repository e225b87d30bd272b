import type { FieldErrors, Form, ListColumn } from '../../../../src/chat/form.ts';
import type { OptionSets } from '../../../../src/chat/option.ts';
import { ApiError, refuseUnlessOk } from '../api.ts';
import { tellSession } from './session.ts';
import type { TurnTrace } from './trace.ts';

export type { FieldErrors };

/** What can be asked of one row. */
export interface ResourceAction {
  readonly name: string;
  readonly label: string;
  readonly help: string;
  readonly method: 'GET' | 'POST';
  readonly may: boolean;
  /** It needs to be told something, and has a place of its own. */
  readonly takes_input?: boolean;
  /** Not in lists. */
  readonly is_rare?: boolean;
  readonly shown_when?: { readonly field: string; readonly in: readonly string[] };
}

/** A thing that admins manage, as its definition describes it to this person. */
export interface ResourceForm {
  readonly path: string;
  readonly word: string;
  readonly one: string;
  readonly many: string;
  readonly help: string;
  readonly name_field: string;
  readonly may: Readonly<Record<'view' | 'add' | 'change' | 'delete', boolean>>;
  readonly columns: readonly ListColumn[];
  readonly form: Form;
  readonly filters: readonly string[];
  readonly search: boolean;
  /** Its form has a JSON field with options that may be known. */
  readonly has_options?: boolean;
  /** Something may take the place of a row that is deleted. */
  readonly has_successor?: boolean;
  /** Each row is asked for in its own way. */
  readonly has_row_form?: boolean;
  readonly actions: readonly ResourceAction[];
}

export type Row = Readonly<Record<string, unknown>> & { readonly id: string; readonly display: string };

export interface Page<T> {
  readonly count: number;
  readonly results: readonly T[];
}

/** A row, and the mark of the state that was read. */
export interface Marked {
  readonly row: Row;
  readonly etag: string | undefined;
}

/** Rows of another resource that point to a row. */
export interface Dependents {
  readonly one: string;
  readonly many: string;
  readonly field: string;
  readonly on_delete: 'cascade' | 'protect' | 'clear' | 'close';
  readonly count: number;
  readonly names: readonly string[];
}

/** What takes a row's place when it is deleted, and how it is until then. */
export interface Successor {
  readonly sentence: string;
  readonly otherwise: string;
}

/** What is known of a form beforehand. */
export interface KnownForm {
  /** The options of its JSON field. */
  readonly options: OptionSets;
  /** What a new row begins with, by what is chosen in the field that decides about the options. */
  readonly begins: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface AuditRow {
  readonly id: string;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly source: string;
  readonly address: string;
  readonly thread_id?: string | null;
  readonly turn_id?: string | null;
}

/** What checking the whole audit log found. */
export interface AuditVerification {
  readonly ok: boolean;
  readonly seals: number;
  readonly rows: number;
  readonly unsealed?: number;
  readonly hash?: string;
  readonly reason?: string;
}

const BASE = '/api/plugins/ai-ops';

export async function readForms(): Promise<readonly ResourceForm[]> {
  return (await read<{ readonly resources: readonly ResourceForm[] }>('forms/')).resources;
}

/** What is known of a resource's form beforehand; undefined: nothing. */
export async function readKnownForm({
  path,
  has_options: has,
}: ResourceForm): Promise<KnownForm | undefined> {
  if (has !== true) return undefined;
  const { options, begins = {} } = await read<{
    readonly options: OptionSets | null;
    readonly begins?: KnownForm['begins'];
  }>(`forms/${encodeURIComponent(path)}/`);
  return options === null ? undefined : { options, begins };
}

/** The form of one row. */
export const readRowForm = async ({ path, form, has_row_form: has }: ResourceForm, id: string) =>
  has === true ? await read<Form>(`${rowPath(path, id)}form/`) : form;

export const listRows = (path: string, query: URLSearchParams) => read<Page<Row>>(`${path}/?${query}`);

export async function readRow(path: string, id: string): Promise<Marked> {
  return await marked(await send('GET', rowPath(path, id)));
}

export async function createRow(path: string, values: object): Promise<Row> {
  return (await marked(await send('POST', `${path}/`, { body: values }))).row;
}

/** Refused with 412 when the row is no longer as it was read. */
export async function changeRow(path: string, { row, etag }: Marked, values: object): Promise<Marked> {
  const changed = await marked(await send('PATCH', rowPath(path, row.id), { body: values, etag }));
  return changed.etag === undefined ? await readRow(path, row.id) : changed;
}

export const deleteRow = (path: string, { row, etag }: Marked) =>
  send('DELETE', rowPath(path, row.id), { etag });

export const readDependents = (path: string, id: string) =>
  read<readonly Dependents[]>(`${rowPath(path, id)}dependents/`);

export async function readSuccessor(
  { path, has_successor: has }: ResourceForm,
  id: string,
): Promise<Successor | undefined> {
  if (has !== true) return undefined;
  const { successor } = await read<{ readonly successor: Successor | null }>(
    `${rowPath(path, id)}successor/`,
  );
  return successor ?? undefined;
}

export async function act(path: string, id: string, action: ResourceAction): Promise<unknown> {
  const answer = await send(action.method, `${rowPath(path, id)}${encodeURIComponent(action.name)}/`);
  return await answer.json();
}

/** Runs an action that is told something; its sentence for people. */
export async function actWith(path: string, id: string, name: string, body: object): Promise<string> {
  const answer = await send('POST', `${rowPath(path, id)}${encodeURIComponent(name)}/`, { body });
  const { message } = (await answer.json()) as { readonly message?: unknown };
  return typeof message === 'string' ? message : '';
}

export const listAudit = (query: URLSearchParams) => read<Page<AuditRow>>(`audit/?${query}`);

export const readTrace = (turnId: string) => read<TurnTrace>(`turns/${encodeURIComponent(turnId)}/trace/`);

export const verifyAudit = () => read<AuditVerification>('audit/verify/');

/** Where the audit log can be downloaded, as filtered. */
export const auditExport = (query: URLSearchParams) => `${BASE}/audit/export/?${query}`;

/** What is wrong with the values that were sent, by field; undefined for any other error. */
export function fieldErrorsOf(error: unknown): FieldErrors | undefined {
  if (!(error instanceof ApiError) || error.status !== 400) return undefined;
  const fields = Object.entries(error.body).flatMap(([name, value]) =>
    Array.isArray(value) ? [[name, value.map(String)] as const] : [],
  );
  return fields.length === 0 ? undefined : Object.fromEntries(fields);
}

/** An error in one sentence for people. */
export function sentenceOf(error: unknown): string {
  if (statusOf(error) === 401) return 'You are signed out. Sign in again in a new tab.';
  return error instanceof ApiError ? error.message : 'The bot cannot be reached.';
}

/** With what the server refused; undefined where it did not answer. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof ApiError ? error.status : undefined;
}

function rowPath(path: string, id: string): string {
  return `${path}/${encodeURIComponent(id)}/`;
}

async function read<T>(path: string): Promise<T> {
  return (await (await send('GET', path)).json()) as T;
}

async function marked(answer: Response): Promise<Marked> {
  return { row: (await answer.json()) as Row, etag: answer.headers.get('etag') ?? undefined };
}

async function send(
  method: string,
  path: string,
  { body, etag }: { readonly body?: object; readonly etag?: string | undefined } = {},
): Promise<Response> {
  const answer = await fetch(`${BASE}/${path}`, {
    method,
    cache: 'no-store',
    headers: {
      accept: 'application/json',
      ...(body && { 'content-type': 'application/json' }),
      ...(etag !== undefined && { 'if-match': etag }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  tellSession(answer.status !== 401);
  await refuseUnlessOk(answer);
  return answer;
}
