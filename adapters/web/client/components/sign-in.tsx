import { useEffect, useState } from 'react';
import { readSignInOptions } from '../api.ts';
import { Notice } from './notice.tsx';

/** How to get in, for somebody who is not signed in. */
export function SignIn() {
  const [hasOrganisation, setHasOrganisation] = useState(false);
  useEffect(() => {
    readSignInOptions().then(
      ({ oidc }) => setHasOrganisation(oidc),
      () => setHasOrganisation(false),
    );
  }, []);

  return (
    <Notice title="Sign in to talk to the bot">
      {hasOrganisation && (
        <a className="button primary" href={`/console/oidc?next=${encodeURIComponent(here())}`}>
          Sign in with your organisation
        </a>
      )}
      <p>
        {hasOrganisation ? 'Or open' : 'Open'} the sign-in link that the bot printed when it started; it is in
        its log too. It looks like <code>/console/sign-in?token=…</code> and works once. Restart the bot to
        get a new one.
      </p>
    </Notice>
  );
}

function here(): string {
  return window.location.pathname + window.location.search + window.location.hash;
}
