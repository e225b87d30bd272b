import { useCallback, useEffect, useRef, useState } from 'react';
import { sentenceOf, statusOf } from './rest.ts';

/** Something read from the server. While it is read again, the last value stays. */
export interface Loaded<T> {
  readonly value?: T;
  /** Why it could not be read. */
  readonly refusal?: string;
  /** With what the server refused, if it answered. */
  readonly status?: number | undefined;
  readonly isLoading: boolean;
  readonly reload: () => void;
}

/** Reads again whenever `load` is another function; of several answers under way only the last one counts. */
export function useLoaded<T>(load: () => Promise<T>): Loaded<T> {
  const [state, setState] = useState<Omit<Loaded<T>, 'reload'>>({ isLoading: true });
  const latest = useRef(0);

  const reload = useCallback(() => {
    const turn = ++latest.current;
    setState((before) => ({ ...before, isLoading: true }));
    load().then(
      (value) => {
        if (turn === latest.current) setState({ value, isLoading: false });
      },
      (error: unknown) => {
        if (turn !== latest.current) return;
        setState({ refusal: sentenceOf(error), status: statusOf(error), isLoading: false });
      },
    );
  }, [load]);

  useEffect(() => {
    reload();
    return () => {
      latest.current++;
    };
  }, [reload]);

  return { ...state, reload };
}
