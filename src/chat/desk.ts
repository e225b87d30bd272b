import type { Choice, Form, FormField, List, ListColumn } from './form.ts';
import type { Author, ThreadId } from './inbound.ts';
import type { OptionSets } from './option.ts';

/** Who administers something, and from which platform. */
export interface DeskCaller {
  readonly author: Author;
  readonly permissions: ReadonlySet<string>;
  /** For the audit log: `slack`, `teams`. */
  readonly source: string;
  /** Where they speak; the permissions are those that they hold there. Absent: they hold everywhere. */
  readonly place?: {
    /** Whether the thread is in the same channel. */
    isHere(threadId: ThreadId): boolean;
    /** What they may do without being in any channel. Throws `UnavailableError`. */
    elsewhere(): Promise<ReadonlySet<string>>;
  };
}

/** Values of a form, by field name, as the person wrote them. */
export type FormValues = Readonly<Record<string, unknown>>;

/** A form, and the version of the row that it shows. */
export interface DeskForm {
  readonly form: Form;
  /** Of an existing row: saving another than this is a conflict. */
  readonly revision?: string;
}

/** What can be done with things of a kind, besides their own actions. */
export const deskVerbs = ['list', 'show', 'add', 'edit', 'delete', 'enable', 'disable'] as const;
export type DeskVerb = (typeof deskVerbs)[number];

/** Something of its own that a kind of things can be asked to do. */
export interface DeskAction {
  readonly name: string;
  readonly label: string;
  readonly help: string;
  /** Not worth a place in lists. */
  readonly isRare: boolean;
  /** Whether it changes something, or asks somebody outside. */
  readonly needs: 'view' | 'change';
  readonly isAllowed: boolean;
  /** What is given with it; empty: nothing. */
  readonly fields: readonly FormField[];
}

/** A kind of things that admins manage, as command lines and menus know it. */
export interface DeskKind {
  /** Its REST path, by which the desk knows it. */
  readonly path: string;
  readonly word: string;
  readonly one: string;
  readonly many: string;
  readonly help: string;
  /** What can be done with its things at all. */
  readonly verbs: ReadonlySet<DeskVerb>;
  /** What this caller may do of that. */
  readonly allowed: ReadonlySet<DeskVerb>;
  /** The permissions that each verb needs. */
  readonly needs: Readonly<Record<DeskVerb, readonly string[]>>;
  readonly actions: readonly DeskAction[];
  /** Of a new thing, or of what can be changed where nobody makes new ones. */
  readonly form: Form;
  readonly nameField: string;
  /** The fields that a line must say of a new one, or a form asks, although they would have a value. */
  asks(given: FormValues): readonly string[];
  /** What it says can be tried before it is saved. */
  readonly canTry: boolean;
}

/** One thing, as lists and pages in a chat show it. */
export interface DeskRow {
  readonly id: string;
  /** How people name it; the title where its name is not for people. */
  readonly name: string;
  readonly title: string;
  /** How it stands, as one sign; empty: nothing to say. */
  readonly icon: string;
  /** Whether it is switched on; absent: it has no switch. */
  readonly isOn?: boolean;
  readonly revision?: string;
  /** The columns of a board, or all that can be shown of it. */
  readonly facts: readonly Fact[];
  /** The names of the actions that it is offered. */
  readonly actions: readonly string[];
}

/** What something is, in words. */
export interface Fact {
  readonly name: string;
  readonly label: string;
  readonly value: unknown;
}

/** A page of things. */
export interface Board {
  readonly kind: DeskKind;
  readonly columns: readonly ListColumn[];
  readonly rows: readonly DeskRow[];
  readonly total: number;
  readonly offset: number;
}

export interface BoardQuery {
  readonly limit: number;
  readonly offset: number;
  /** Part of what they are searched by. */
  readonly words?: string;
  readonly filters?: readonly { readonly field: string; readonly value: string }[];
}

/** What a field was and what it is, in words; what must not be repeated is left out. */
export interface Difference {
  readonly field: string;
  readonly label: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** A thing to be written: a new one, or a change of the one with this id or name. */
export interface DeskWrite {
  readonly name?: string;
  readonly values: FormValues;
  readonly revision?: string;
}

/** What was done. */
export interface DeskChange {
  readonly id: string;
  readonly title: string;
  readonly differences: readonly Difference[];
  /** Under which it can be undone for ten minutes; absent: it cannot be. */
  readonly undo?: string;
  /** What keeps it from working, or is odd about it. */
  readonly problem?: string;
  /** What else is so from now on, in a sentence. */
  readonly consequence?: string;
  /** Shown this once. */
  readonly reveal?: Readonly<Record<string, unknown>>;
}

/** What there is in the place of something that was deleted, in sentences. */
export interface Successor {
  /** True before it is deleted and afterwards. */
  readonly sentence: string;
  /** What it is until then, or what to do for nothing to be there. */
  readonly otherwise: string;
}

/** What goes or changes with a thing that is deleted. */
export interface Along {
  readonly sentences: readonly string[];
  /** Whether all of it can be brought back. */
  readonly isUndoable: boolean;
}

/** What became of a thing since somebody saw it. */
export interface Since {
  /** By whom and when, in sentences. */
  readonly sentences: readonly string[];
  readonly differences: readonly Difference[];
}

/** A change of one's own that can still be undone. */
export interface Undoable {
  readonly id: string;
  /** What was changed, as people call it: `the LLM model gpt-4o`. */
  readonly title: string;
  readonly done: 'was made' | 'was changed' | 'was deleted';
  readonly leftMs: number;
}

/** The value of a choice that is no reference to a secret: whoever takes it is told what is one. */
export const notAReference = '?';

/** What became of trying something out. */
export interface Trial {
  readonly ok: boolean;
  /** Sentences: what was found, how long it took, and what to do about it. */
  readonly message: string;
}

export interface DeskActed {
  readonly title: string;
  /** As the action gives it; see the API's description. */
  readonly output: unknown;
  /** What else is so from now on, in a sentence. */
  readonly consequence?: string;
  readonly undo?: string;
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
  /** The options of its JSON field, where another field decides about them. Undefined: it has none. */
  options(path: string, by: DeskCaller): Promise<OptionSets | undefined>;
  /** Creates a row, or changes the one with this name. Gives its title. */
  save(
    path: string,
    by: DeskCaller,
    change: { readonly name?: string; readonly values: FormValues; readonly revision?: string },
  ): Promise<string>;
  /** Rows of a resource whose name holds these words, at most 100. */
  choices(path: string, by: DeskCaller, words: string): Promise<readonly Choice[]>;
  /**
   * References to secrets that hold these words, and the words themselves where they are one; never a secret.
   * Throws `ForbiddenError` for who manages nothing that has one.
   */
  references(by: DeskCaller, words: string): Promise<readonly Choice[]>;
  /**
   * Those to whom something can be given whose names hold these words, and the words themselves where they are a
   * principal. Throws `ForbiddenError` for who gives nothing.
   */
  principals(by: DeskCaller, words: string): Promise<readonly Choice[]>;
  /** All kinds of things, in the order in which they are shown. */
  kinds(by: DeskCaller): readonly DeskKind[];
  /** The things that somebody may mean by an id, a name or a title: the exact ones, else those in other letters. */
  find(path: string, by: DeskCaller, name: string): Promise<readonly DeskRow[]>;
  board(path: string, by: DeskCaller, query: BoardQuery): Promise<Board>;
  /** All that can be shown of a thing, by its id. */
  show(path: string, by: DeskCaller, id: string): Promise<DeskRow>;
  /** As `save`, and says what changed. */
  write(path: string, by: DeskCaller, change: DeskWrite): Promise<DeskChange>;
  /** What `write` would change, without doing it; throws what it would throw. */
  preview(path: string, by: DeskCaller, change: DeskWrite): Promise<readonly Difference[]>;
  /** Tries out what is not saved. Throws `InvalidError` for what could not be saved. */
  tryOut(path: string, by: DeskCaller, change: DeskWrite): Promise<Trial>;
  dependents(path: string, by: DeskCaller, id: string): Promise<Along>;
  /** What takes a thing's place when it is deleted. Undefined: nothing does. */
  successor(path: string, by: DeskCaller, id: string): Promise<Successor | undefined>;
  remove(path: string, by: DeskCaller, id: string, revision?: string): Promise<DeskChange>;
  /** What became of a thing since it had this revision. */
  since(
    path: string,
    by: DeskCaller,
    seen: { readonly id: string; readonly revision: string },
  ): Promise<Since>;
  act(
    path: string,
    by: DeskCaller,
    call: { readonly id: string; readonly action: string; readonly values: FormValues },
  ): Promise<DeskActed>;
  /** Turns a change round, with the caller's own rights. Gives a sentence; throws `ConflictError` with the reason. */
  undo(id: string, by: DeskCaller): Promise<string>;
  /** The caller's own changes that can still be undone, the newest first. */
  undoable(by: DeskCaller): Promise<readonly Undoable[]>;
  /** Who can give rights, as people call them; at most a few. */
  granters(): Promise<readonly string[]>;
  /** Why a text may not be taken: it holds a key. */
  refusal(text: string): string | undefined;
}
