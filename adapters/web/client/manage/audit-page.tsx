import { useCallback, useState } from 'react';
import { CheckIcon, CrossIcon, DownloadIcon } from '../components/icons.tsx';
import { useNavigation } from '../navigation.tsx';
import { auditPath, withQuery } from '../route.ts';
import { AuditEntry } from './audit-entry.tsx';
import { AuditFilters } from './audit-filters.tsx';
import { changed, isNarrowed, listQuery, offsetIn, PAGE_SIZE } from './list-query.ts';
import { Page } from './page.tsx';
import { Pager } from './pager.tsx';
import { Refused } from './refused.tsx';
import { type AuditVerification, auditExport, listAudit, sentenceOf, verifyAudit } from './rest.ts';
import { useLoaded } from './use-loaded.ts';

/** Who did what and when, newest first. */
export function AuditPage({ query }: { readonly query: URLSearchParams }) {
  const { go } = useNavigation();
  const asked = String(query);
  const load = useCallback(async () => {
    const wanted = new URLSearchParams(asked);
    return { offset: offsetIn(wanted), ...(await listAudit(listQuery(wanted))) };
  }, [asked]);
  const { value: page, refusal, isLoading, reload } = useLoaded(load);
  const [found, setFound] = useState<AuditVerification | string>();

  async function verify(): Promise<void> {
    setFound('Checking every seal …');
    setFound(await verifyAudit().catch(sentenceOf));
  }

  const exported = new URLSearchParams(query);
  exported.delete('offset');
  return (
    <Page
      title="Audit log"
      actions={
        <>
          <button type="button" className="button" onClick={() => void verify()}>
            Verify
          </button>
          <a className="button" href={auditExport(exported)} download>
            <DownloadIcon /> Export
          </a>
        </>
      }
    >
      <p className="page-help">
        Changes, sign-ins, refusals, tool calls and approvals. Nothing here can be edited; seals over the log
        show whether somebody did.
      </p>
      {found !== undefined && <Verified found={found} />}
      <AuditFilters query={query} />
      {refusal !== undefined && <Refused sentence={refusal} onRetry={reload} />}
      {page && page.results.length === 0 && (
        <div className="nothing-here" role="status">
          <p>{isNarrowed(query) ? 'Nothing matches.' : 'Nothing has happened yet.'}</p>
        </div>
      )}
      {page && page.results.length > 0 && (
        <>
          <ul className={isLoading ? 'audit stale' : 'audit'} aria-busy={isLoading}>
            {page.results.map((row) => (
              <AuditEntry key={row.id} row={row} />
            ))}
          </ul>
          <Pager
            offset={page.offset}
            size={PAGE_SIZE}
            count={page.count}
            onOffset={(next) =>
              go(withQuery(auditPath, changed(query, { offset: next === 0 ? '' : String(next) })))
            }
          />
        </>
      )}
    </Page>
  );
}

function Verified({ found }: { readonly found: AuditVerification | string }) {
  if (typeof found === 'string') {
    return (
      <p className="result-head" role="status">
        {found}
      </p>
    );
  }
  const { ok, hash, seals } = found;
  return (
    <div className={ok ? 'verified good' : 'verified bad'} role={ok ? 'status' : 'alert'}>
      <p className={ok ? 'result-head good' : 'result-head bad'}>
        {ok ? <CheckIcon /> : <CrossIcon />}
        <span>{verdictOf(found)}</span>
      </p>
      {hash !== undefined && seals > 0 && (
        <p className="field-help">
          Last seal: <code>{hash}</code>
        </p>
      )}
    </div>
  );
}

function verdictOf({ ok, rows, seals, unsealed = 0, reason }: AuditVerification): string {
  const verdict = ok ? 'The log is whole.' : (reason ?? 'The log was changed.');
  const sealed = `${counted(rows, 'entry', 'entries')} under ${counted(seals, 'seal', 'seals')}`;
  const open = ok && unsealed > 0 ? `; ${unsealed} not sealed yet` : '';
  return `${verdict} As written: ${sealed}${open}.`;
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
