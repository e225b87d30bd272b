import { type ReactNode, useEffect, useState } from 'react';
import { Link } from '../components/link.tsx';
import { useNavigation } from '../navigation.tsx';
import { auditPath, listPath, managePath, type Route, youPath } from '../route.ts';
import { AuditPage } from './audit-page.tsx';
import { type ManageContext, Manage as Shared } from './context.tsx';
import { ListPage } from './list-page.tsx';
import { NewPage } from './new-page.tsx';
import { Page } from './page.tsx';
import type { ResourceForm } from './rest.ts';
import { RowPage } from './row-page.tsx';
import { TracePage } from './trace-page.tsx';
import { useSession } from './use-session.ts';
import { YouPage } from './you-page.tsx';

export interface ManageProps extends Omit<ManageContext, 'isSignedOut' | 'lists'> {
  readonly onSignedOut: () => void;
  readonly route: Exclude<Route, { page: 'conversations' }>;
}

/** The management page that the address names, drawn from what the server says of the resource. */
export function Manage({ route, onSignedOut, ...given }: ManageProps) {
  const isSignedOut = useSession(onSignedOut);
  const [lists] = useState(() => new Map<string, string>());
  const shared = { ...given, isSignedOut, lists };
  return (
    <Shared value={shared}>
      <Shown route={route} shared={shared} />
    </Shared>
  );
}

interface ShownProps {
  readonly route: ManageProps['route'];
  readonly shared: ManageContext;
}

function Shown({ route, shared: { me, resources } }: ShownProps): ReactNode {
  const mayAudit = me.permissions.includes('view_audit');
  switch (route.page) {
    case 'manage':
      return <First to={firstPath(resources, mayAudit)} />;
    case 'you':
      return <YouPage />;
    case 'audit':
      return mayAudit ? <AuditPage query={route.query} /> : <NotHere />;
    case 'trace':
      return mayAudit ? <TracePage key={route.id} id={route.id} /> : <NotHere />;
    case 'list':
    case 'new':
    case 'row': {
      const resource = resources.find(({ path }) => path === route.resource);
      return resource ? ofResource(resource, route) : <NotHere />;
    }
    default:
      return route satisfies never;
  }
}

function ofResource(
  resource: ResourceForm,
  route: Extract<Route, { page: 'list' | 'new' | 'row' }>,
): ReactNode {
  const { path, may } = resource;
  if (route.page === 'list') return <ListPage key={path} resource={resource} query={route.query} />;
  if (route.page === 'row') return <RowPage key={`${path}/${route.id}`} resource={resource} id={route.id} />;
  return may.add ? <NewPage key={path} resource={resource} /> : <NotHere />;
}

function firstPath(resources: readonly ResourceForm[], mayAudit: boolean): string {
  const [first] = resources;
  if (first) return listPath(first.path);
  return mayAudit ? auditPath : youPath;
}

function First({ to }: { readonly to: string }) {
  const { go } = useNavigation();
  useEffect(() => go(to, { replace: true }), [go, to]);
  return null;
}

function NotHere() {
  return (
    <Page title="Nothing here">
      <div className="nothing-here">
        <p>There is no such page, or you may not see it.</p>
        <Link to={managePath} className="button">
          Go to what you may see
        </Link>
      </div>
    </Page>
  );
}
