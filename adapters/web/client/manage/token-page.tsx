import { CopyButton } from '../components/copy-button.tsx';
import { WarningIcon } from '../components/icons.tsx';
import { useHold, useNavigation } from '../navigation.tsx';
import { rowPath } from '../route.ts';
import { Page } from './page.tsx';
import type { ResourceForm, Row } from './rest.ts';
import { Trail } from './trail.tsx';

export interface TokenPageProps {
  readonly resource: ResourceForm;
  readonly row: Row;
  readonly token: string;
}

/** A secret that was just made, this once. */
export function TokenPage({ resource, row, token }: TokenPageProps) {
  const { go } = useNavigation();
  useHold('The token will not be shown again. Have you copied it?');

  return (
    <Page title={row.display} trail={<Trail resource={resource} />} isNext>
      <section className="token" aria-labelledby="token-title">
        <h2 id="token-title">Copy the token now</h2>
        <p className="token-warning">
          <WarningIcon />
          It is shown this once. The bot keeps only a hash of it and cannot show it again. Whoever has it can
          do what it allows: keep it where secrets are kept.
        </p>
        <div className="token-value">
          <code>{token}</code>
          <CopyButton text={token} label="Copy the token" />
        </div>
        <div className="row end">
          <button
            type="button"
            className="button primary"
            onClick={() => go(rowPath(resource.path, row.id), { replace: true, force: true })}
          >
            I have copied it
          </button>
        </div>
      </section>
    </Page>
  );
}
