import type { Values } from './definition.ts';

/** How one row becomes again what it was. */
export type UndoStep =
  /** It was made: it goes again, unless somebody changed it since. */
  | { readonly type: 'remove'; readonly path: string; readonly id: string; readonly revision: string }
  /** It was changed: what changed gets its old values, unless somebody changed it since. */
  | {
      readonly type: 'restore';
      readonly path: string;
      readonly id: string;
      readonly revision: string;
      readonly values: Values;
    }
  /** It was deleted: it is made again, under another id. */
  | { readonly type: 'create'; readonly path: string; readonly values: Values };

/** A change that can be undone. */
export interface Undo {
  /** What was changed, as people call it. */
  readonly title: string;
  /** All of one resource. */
  readonly steps: readonly UndoStep[];
}

/** Changes that can be undone, kept for all replicas. */
export interface UndoStore {
  /** Gives its id. */
  keep(undo: Undo, by: { readonly principal: string; readonly keepMs: number }): Promise<string>;
  /** Takes it, so that it is done once. Undefined: there is none, it is over, or it was taken. */
  claim(id: string): Promise<Undo | undefined>;
  /** Gives it back: it was not done. */
  release(id: string): Promise<void>;
}
