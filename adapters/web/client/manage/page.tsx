import { type ReactNode, useEffect, useRef } from 'react';
import { MenuIcon } from '../components/icons.tsx';
import { useNavigation } from '../navigation.tsx';
import { useManage } from './context.tsx';
import { SignedOut } from './signed-out.tsx';

export interface PageProps {
  readonly title: string;
  /** What stands before the title: the way back. */
  readonly trail?: ReactNode;
  /** Buttons of the page. */
  readonly actions?: ReactNode;
  /** It takes the place of another page without a change of the address. */
  readonly isNext?: boolean;
  readonly children: ReactNode;
}

/** The frame of a management page. Who came here from another page hears its title. */
export function Page({ title, trail, actions, isNext = false, children }: PageProps) {
  const { onMenu, isSignedOut } = useManage();
  const { hasMoved } = useNavigation();
  const heading = useRef<HTMLHeadingElement>(null);
  const takesFocus = useRef(hasMoved || isNext);

  useEffect(() => {
    if (takesFocus.current) heading.current?.focus();
  }, []);
  useEffect(() => {
    const before = document.title;
    document.title = `${title} · AI Ops Bot`;
    return () => {
      document.title = before;
    };
  }, [title]);

  return (
    <main className="thread">
      <header className="thread-header">
        <button type="button" className="icon-button menu-button" aria-label="Menu" onClick={onMenu}>
          <MenuIcon />
        </button>
        {trail}
        <h1 className="clip" ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {actions && <div className="page-actions">{actions}</div>}
      </header>
      <div className="page-frame">
        <div className="page-column">
          {isSignedOut && <SignedOut />}
          {children}
        </div>
      </div>
    </main>
  );
}
