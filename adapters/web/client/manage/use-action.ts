import { useCallback, useEffect, useRef, useState } from 'react';
import { act, type ResourceAction, sentenceOf } from './rest.ts';

/** What came of an action. */
export type Outcome =
  | { readonly state: 'running'; readonly action: ResourceAction }
  | { readonly state: 'done'; readonly action: ResourceAction; readonly result: unknown }
  | { readonly state: 'refused'; readonly action: ResourceAction; readonly sentence: string };

export interface ActionOptions {
  readonly path: string;
  readonly id: string;
  /** Runs at once. */
  readonly begin?: ResourceAction;
  /** After something that may have changed the row. */
  readonly onDone?: () => void;
}

/** Runs actions on one row, and keeps what came of the last one. */
export function useAction({ path, id, begin, onDone }: ActionOptions) {
  const [outcome, setOutcome] = useState<Outcome>();
  const latest = useRef(onDone);
  const hasBegun = useRef(false);
  useEffect(() => {
    latest.current = onDone;
  });

  const run = useCallback(
    async (action: ResourceAction) => {
      setOutcome({ state: 'running', action });
      try {
        setOutcome({ state: 'done', action, result: await act(path, id, action) });
        if (action.method === 'POST') latest.current?.();
      } catch (error) {
        setOutcome({ state: 'refused', action, sentence: sentenceOf(error) });
      }
    },
    [path, id],
  );

  useEffect(() => {
    if (!begin || hasBegun.current) return;
    hasBegun.current = true;
    void run(begin);
  }, [begin, run]);

  const close = useCallback(() => setOutcome(undefined), []);

  /** The row was saved: what was looked up is looked up again, anything else is of before. */
  const renew = useCallback(() => {
    if (outcome?.state !== 'done' || outcome.action.method !== 'GET') return close();
    const { action } = outcome;
    act(path, id, action).then((result) => setOutcome({ state: 'done', action, result }), close);
  }, [outcome, path, id, close]);

  return { outcome, run, close, renew };
}
