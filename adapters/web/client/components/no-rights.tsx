import { type Me, signOut } from '../api.ts';
import { Notice } from './notice.tsx';

interface NoRightsProps {
  readonly me: Me;
  readonly onSignedOut: () => void;
}

/** For somebody who is known but may do nothing. */
export function NoRights({ me, onSignedOut }: NoRightsProps) {
  return (
    <Notice title="You have no rights yet">
      <p>
        You are signed in as {me.name}. Ask an administrator to grant a role to <code>{me.principal}</code> or
        to one of your groups, and open this page again.
      </p>
      <button type="button" className="button" onClick={() => void signOut().finally(onSignedOut)}>
        Sign out
      </button>
    </Notice>
  );
}
