import { createContext, type ReactNode, useCallback, useContext, useEffect, useRef, useState } from 'react';
import { ConfirmDialog } from './components/confirm-dialog.tsx';

export interface GoOptions {
  /** The page that is left is not kept in the history. */
  readonly replace?: boolean;
  /** Leaves even what was not saved. */
  readonly force?: boolean;
  /** What became of what was done, to be said on the page that is opened. */
  readonly say?: string;
}

/** Where the console is, and the way elsewhere. */
export interface Navigation {
  /** Path, query and hash of what is shown. */
  readonly at: string;
  /** Whether the person moved since the page was loaded. */
  readonly hasMoved: boolean;
  readonly go: (to: string, options?: GoOptions) => void;
  /** From now on asks before the place is left; undefined: no longer. */
  readonly hold: (sentence: string | undefined) => void;
  readonly isHeld: () => boolean;
  /** What the page that was left wants said on this one. */
  readonly said: string | undefined;
}

const Context = createContext<Navigation | undefined>(undefined);

/** Follows the address without loading the page again, and asks before unsaved work is left. */
export function NavigationProvider({ children }: { readonly children: ReactNode }) {
  const [at, setAt] = useState(here);
  const [hasMoved, setMoved] = useState(false);
  const [wanted, setWanted] = useState<string>();
  const [said, setSaid] = useState<string>();
  const shown = useRef(at);
  const held = useRef<string>(undefined);

  const show = useCallback((to: string, say?: string) => {
    shown.current = to;
    setAt(to);
    setSaid(say);
    setMoved(true);
  }, []);

  const go = useCallback<Navigation['go']>(
    (to, { replace = false, force = false, say } = {}) => {
      if (held.current !== undefined && !force) return setWanted(to);
      if (replace) history.replaceState(null, '', to);
      else if (to !== here()) history.pushState(null, '', to);
      show(here(), say);
    },
    [show],
  );

  const hold = useCallback<Navigation['hold']>((sentence) => {
    held.current = sentence;
  }, []);

  const isHeld = useCallback(() => held.current !== undefined, []);

  useEffect(() => {
    const follow = () => {
      const to = here();
      if (to === shown.current) return;
      if (held.current === undefined) return show(to);
      history.pushState(null, '', shown.current);
      setWanted(to);
    };
    const ask = (event: BeforeUnloadEvent) => {
      if (held.current !== undefined) event.preventDefault();
    };
    addEventListener('popstate', follow);
    addEventListener('hashchange', follow);
    addEventListener('beforeunload', ask);
    return () => {
      removeEventListener('popstate', follow);
      removeEventListener('hashchange', follow);
      removeEventListener('beforeunload', ask);
    };
  }, [show]);

  return (
    <Context value={{ at, hasMoved, go, hold, isHeld, said }}>
      {children}
      {wanted !== undefined && (
        <ConfirmDialog
          title="Leave this page?"
          action="Leave"
          onCancel={() => setWanted(undefined)}
          onConfirm={() => {
            setWanted(undefined);
            go(wanted, { force: true });
          }}
        >
          {held.current}
        </ConfirmDialog>
      )}
    </Context>
  );
}

export function useNavigation(): Navigation {
  const navigation = useContext(Context);
  if (!navigation) throw new Error('Only inside a NavigationProvider.');
  return navigation;
}

/** Asks with this sentence before the page is left, while there is one. */
export function useHold(sentence: string | undefined): void {
  const { hold } = useNavigation();
  useEffect(() => {
    hold(sentence);
    return () => hold(undefined);
  }, [hold, sentence]);
}

function here(): string {
  return location.pathname + location.search + location.hash;
}
