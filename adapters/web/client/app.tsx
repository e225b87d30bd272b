import { useCallback, useEffect, useState } from 'react';
import { ApiError, type Me, readMe } from './api.ts';
import { Console } from './components/console.tsx';
import { NoRights } from './components/no-rights.tsx';
import { Notice } from './components/notice.tsx';
import { SignIn } from './components/sign-in.tsx';

type Access =
  | { readonly state: 'checking' }
  | { readonly state: 'in'; readonly me: Me }
  | { readonly state: 'out' }
  | { readonly state: 'unreachable'; readonly sentence: string };

/** The console, once somebody is signed in. */
export function App() {
  const [access, setAccess] = useState<Access>({ state: 'checking' });

  const check = useCallback(() => {
    readMe().then(
      (me) => setAccess({ state: 'in', me }),
      (error: unknown) => setAccess(accessAfter(error)),
    );
  }, []);
  useEffect(check, [check]);
  const signedOut = useCallback(() => setAccess({ state: 'out' }), []);

  switch (access.state) {
    case 'checking':
      return null;
    case 'in':
      if (access.me.permissions.length === 0) return <NoRights me={access.me} onSignedOut={signedOut} />;
      return <Console me={access.me} onSignedOut={signedOut} />;
    case 'out':
      return <SignIn />;
    case 'unreachable':
      return (
        <Notice title="The bot cannot be reached">
          <p>{access.sentence}</p>
          <button type="button" className="button primary" onClick={check}>
            Try again
          </button>
        </Notice>
      );
    default:
      return access satisfies never;
  }
}

function accessAfter(error: unknown): Access {
  if (error instanceof ApiError && error.status === 401) return { state: 'out' };
  const sentence =
    error instanceof ApiError ? error.message : 'Check that it runs and that your network is up.';
  return { state: 'unreachable', sentence };
}
