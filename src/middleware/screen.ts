import { replaced, type Span } from './patterns.ts';

/** Something that was found, and what stands for it. */
export interface Found extends Span {
  words(found: string): string;
  /** What is too long to be held back goes on as long as its characters are these. */
  readonly goesOn?: RegExp;
}

export interface Search {
  /** In their order, and apart. */
  find(text: string): readonly Found[];
  /** Where, at the end of a text that goes on, something may have begun that is not whole yet. */
  openAt(text: string): number;
}

/** A text that comes in pieces, with other words for what is found in it. */
export interface Screen {
  /** What of it can be shown now. */
  take(piece: string): string;
  /** The rest, once there is no more. */
  end(): string;
  /** Something was found. */
  isChanged(): boolean;
}

/** No more than this is held back, however long what has begun goes on. */
const mostHeld = 2048;
/** What was shown is still looked at, to know what stands before something. */
const lookBack = 64;

/** Holds back only what may be the beginning of something. */
export function createScreen({ find, openAt }: Search): Screen {
  let before = '';
  let held = '';
  let isChanged = false;
  let swallowed: RegExp | undefined;

  function release(upTo: number, found: readonly Found[]): string {
    const inside = found.filter(({ end }) => end <= upTo);
    if (inside.length > 0) isChanged = true;
    const shown = replaced(held.slice(0, upTo), inside, (text, { words }) => words(text));
    before = (before + held.slice(0, upTo)).slice(-lookBack);
    held = held.slice(upTo);
    return shown;
  }

  function search(): readonly Found[] {
    const own = find(before + held).filter(({ start }) => start >= before.length);
    return own.map((one) => ({
      ...one,
      start: one.start - before.length,
      end: one.end - before.length,
    }));
  }

  /** The rest of what was too long is dropped as it comes. */
  function withoutRest(piece: string): string {
    if (swallowed === undefined) return piece;
    const part = swallowed;
    const end = [...piece].findIndex((character) => !part.test(character));
    if (end < 0) return '';
    swallowed = undefined;
    return [...piece].slice(end).join('');
  }

  return {
    take(piece) {
      held += withoutRest(piece);
      const found = search();
      const open = Math.min(held.length, Math.max(0, openAt(before + held) - before.length));
      const cut = found.reduce((at, { start, end }) => (start < at && end > at ? start : at), open);
      if (held.length - cut <= mostHeld) return release(cut, found);
      const tooLong = found.find(({ start }) => start >= cut);
      if (tooLong === undefined) return release(held.length - mostHeld, found);
      swallowed = tooLong.goesOn;
      return release(swallowed === undefined ? tooLong.end : held.length, [
        ...found.filter(({ end }) => end <= cut),
        { ...tooLong, end: swallowed === undefined ? tooLong.end : held.length },
      ]);
    },
    end: () => release(held.length, search()),
    isChanged: () => isChanged,
  };
}
