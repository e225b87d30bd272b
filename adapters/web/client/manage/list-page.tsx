import { useCallback, useEffect, useState } from 'react';
import { PlusIcon } from '../components/icons.tsx';
import { Link } from '../components/link.tsx';
import { useNavigation } from '../navigation.tsx';
import { listPath, newPath, withQuery } from '../route.ts';
import { ActionDialog } from './action-dialog.tsx';
import { useManage } from './context.tsx';
import { DeleteDialog } from './delete-dialog.tsx';
import { ListFilters } from './list-filters.tsx';
import { changed, isNarrowed, listQuery, offsetIn, PAGE_SIZE } from './list-query.ts';
import { ListTable } from './list-table.tsx';
import { NothingHere } from './nothing-here.tsx';
import { Page } from './page.tsx';
import { Pager } from './pager.tsx';
import { Refused } from './refused.tsx';
import { listRows, type ResourceAction, type ResourceForm, type Row } from './rest.ts';
import { SortBy } from './sort-by.tsx';
import { useFocusAfter } from './use-focus-after.ts';
import { useLoaded } from './use-loaded.ts';

export interface ListPageProps {
  readonly resource: ResourceForm;
  readonly query: URLSearchParams;
}

interface Acting {
  readonly row: Row;
  readonly action: ResourceAction;
}

/** The rows of a resource, as the address asks for them. */
export function ListPage({ resource, query }: ListPageProps) {
  const { go } = useNavigation();
  const asked = String(query);
  const load = useCallback(async () => {
    const wanted = new URLSearchParams(asked);
    return { offset: offsetIn(wanted), ...(await listRows(resource.path, listQuery(wanted))) };
  }, [resource.path, asked]);
  const { value: page, refusal, isLoading, reload } = useLoaded(load);
  useListAddress(resource, query);
  const [doomed, setDoomed] = useState<Row>();
  const [acting, setActing] = useState<Acting>();
  const focusAfter = useFocusAfter(page);

  const isBeyond = page !== undefined && page.results.length === 0 && page.count > 0 && page.offset > 0;
  useEffect(() => {
    if (!isBeyond) return;
    const last = Math.floor((page.count - 1) / PAGE_SIZE) * PAGE_SIZE;
    const there = changed(new URLSearchParams(asked), { offset: last === 0 ? '' : String(last) });
    go(withQuery(listPath(resource.path), there), { replace: true });
  }, [isBeyond, page, asked, go, resource.path]);

  const show = (changes: Readonly<Record<string, string>>) =>
    go(withQuery(listPath(resource.path), changed(query, changes)));

  return (
    <Page
      title={resource.many}
      actions={
        resource.may.add && (
          <Link to={newPath(resource.path)} className="button primary">
            <PlusIcon /> New <span className="button-more">{resource.one}</span>
          </Link>
        )
      }
    >
      <p className="page-help">{resource.help}</p>
      <ListFilters resource={resource} query={query} />
      {refusal !== undefined && <Refused sentence={refusal} onRetry={reload} />}
      {page && page.results.length === 0 && !isBeyond && (
        <NothingHere
          resource={resource}
          isNarrowed={isNarrowed(query)}
          onWiden={() => go(listPath(resource.path))}
        />
      )}
      {page && page.results.length > 0 && (
        <>
          <SortBy
            resource={resource}
            ordering={query.get('ordering') ?? ''}
            onOrder={(ordering) => show({ ordering })}
          />
          <ListTable
            resource={resource}
            rows={page.results}
            ordering={query.get('ordering') ?? ''}
            isStale={isLoading}
            onOrder={(ordering) => show({ ordering })}
            onAct={(row, action) => setActing({ row, action })}
            onDelete={setDoomed}
          />
          <Pager
            offset={page.offset}
            size={PAGE_SIZE}
            count={page.count}
            onOffset={(next) => show({ offset: next === 0 ? '' : String(next) })}
          />
        </>
      )}
      {acting && (
        <ActionDialog resource={resource} {...acting} onClose={() => setActing(undefined)} onDone={reload} />
      )}
      {doomed && (
        <DeleteDialog
          resource={resource}
          row={doomed}
          onClose={() => setDoomed(undefined)}
          onDeleted={() => {
            focusAfter(page?.results.findIndex(({ id }) => id === doomed.id) ?? 0);
            setDoomed(undefined);
            reload();
          }}
        />
      )}
    </Page>
  );
}

/** Notes where this list was last seen, so that the ways back lead there. */
function useListAddress({ path }: ResourceForm, query: URLSearchParams): void {
  const { lists } = useManage();
  const address = withQuery(listPath(path), query);
  useEffect(() => void lists.set(path, address), [lists, path, address]);
}
