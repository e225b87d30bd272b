import type { Choice, Form, List } from './form.ts';
import type { Author } from './inbound.ts';

/** Who administers something, and from which platform. */
export interface DeskCaller {
  readonly author: Author;
  readonly permissions: ReadonlySet<string>;
  /** For the audit log: `slack`, `teams`. */
  readonly source: string;
}

/** Values of a form, by field name, as the person wrote them. */
export type FormValues = Readonly<Record<string, unknown>>;

/** A form, and the version of the row that it shows. */
export interface DeskForm {
  readonly form: Form;
  /** Of an existing row: saving another than this is a conflict. */
  readonly revision?: string;
}

/**
 * What admins manage, for platforms that draw forms themselves. Things are named by their REST path. Every
 * method throws `ForbiddenError`, `NotFoundError` and `UnavailableError`; saving also `InvalidError` and
 * `ConflictError`.
 */
export interface Desk {
  list(
    path: string,
    by: DeskCaller,
    page: { readonly limit: number; readonly offset: number },
  ): Promise<List>;
  /** The form of a new row, or of the one with this name. */
  form(path: string, by: DeskCaller, name?: string): Promise<DeskForm>;
  /** Creates a row, or changes the one with this name. Gives its title. */
  save(
    path: string,
    by: DeskCaller,
    change: { readonly name?: string; readonly values: FormValues; readonly revision?: string },
  ): Promise<string>;
  /** Rows of a resource whose name holds these words, at most 100. */
  choices(path: string, by: DeskCaller, words: string): Promise<readonly Choice[]>;
}
