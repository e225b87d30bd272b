import { useEffect, useState } from 'react';
import { readSignInOptions } from '../api.ts';
import { Alert } from './alert.tsx';

/** The session is over, but what is written stays: the way to sign in beside it. */
export function SignedOut() {
  const [to, setTo] = useState('/');
  useEffect(() => {
    readSignInOptions().then(
      ({ oidc }) => setTo(oidc ? '/console/oidc?next=%2F' : '/'),
      () => undefined,
    );
  }, []);

  return (
    <div className="signed-out">
      <Alert>
        You are signed out.{' '}
        <a href={to} target="_blank" rel="noreferrer">
          Sign in again in a new tab
        </a>
        , then save again; what you wrote is kept here.
      </Alert>
    </div>
  );
}
