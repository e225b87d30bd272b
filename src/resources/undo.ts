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
  /** It was deleted: it is made again, under its id; absent, as older versions kept it: under another. */
  | { readonly type: 'create'; readonly path: string; readonly id?: string; readonly values: Values };

/** A change that can be undone. */
export interface Undo {
  /** What was changed, as people call it. */
  readonly title: string;
  /** All of one resource, but for what was deleted together: that is in the order in which it is made again. */
  readonly steps: readonly UndoStep[];
}

/** One that is kept. */
export interface KeptUndo extends Undo {
  readonly id: string;
  readonly expiresAt: Date;
}

/** Changes that can be undone, kept for all replicas. */
export interface UndoStore {
  /** Gives its id. */
  keep(undo: Undo, by: { readonly principal: string; readonly keepMs: number }): Promise<string>;
  /** Takes it, so that it is done once. Undefined: there is none, it is over, or it was taken. */
  claim(id: string): Promise<Undo | undefined>;
  /** Gives it back: it was not done. */
  release(id: string): Promise<void>;
  /** Those of one person that can still be taken, the newest first. */
  list(principal: string): Promise<readonly KeptUndo[]>;
  /** Why it cannot be taken. Undefined: nobody knows it any more, or it can be. */
  refusal(id: string): Promise<'taken' | 'over' | undefined>;
}
