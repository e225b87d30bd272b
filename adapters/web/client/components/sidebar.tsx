import { type ReactNode, useEffect } from 'react';
import type { Me } from '../api.ts';
import { youPath } from '../route.ts';
import { Link } from './link.tsx';
import { Logo } from './logo.tsx';

export interface SidebarProps {
  readonly me: Me;
  /** Where to go: conversations or management; absent where there is nothing to manage. */
  readonly sections: ReactNode;
  readonly children: ReactNode;
  readonly onClose: () => void;
  readonly onSignOut: () => void;
  /** Opens the command line. */
  readonly onCommands: () => void;
}

/** What can be opened, and who is signed in. On narrow screens it lies over the page. */
export function Sidebar({ me, sections, children, onClose, onSignOut, onCommands }: SidebarProps) {
  useEffect(() => {
    const closeOnEscape = (event: KeyboardEvent) => {
      if (event.key === 'Escape') onClose();
    };
    addEventListener('keydown', closeOnEscape);
    return () => removeEventListener('keydown', closeOnEscape);
  }, [onClose]);

  return (
    <>
      <div className="sidebar">
        <div className="brand">
          <Logo />
          <span>AI Ops Bot</span>
        </div>
        {sections}
        {children}
        <button type="button" className="button commands-button" onClick={onCommands}>
          Commands <kbd>{commandKeys}</kbd>
        </button>
        <div className="account">
          <span className="avatar" aria-hidden="true">
            {me.name.slice(0, 1).toUpperCase()}
          </span>
          <span className="account-name" title={me.principal}>
            <Link to={youPath} onFollow={onClose}>
              {me.name}
            </Link>
          </span>
          <button type="button" className="button quiet" onClick={onSignOut}>
            Sign out
          </button>
        </div>
      </div>
      <button type="button" className="scrim" aria-label="Close the menu" onClick={onClose} />
    </>
  );
}

const commandKeys = /Mac/.test(navigator.userAgent) ? '⌘K' : 'Ctrl+K';
