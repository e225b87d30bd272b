import { Link } from '../components/link.tsx';
import { auditPath, listPath, type Route, tracePath, youPath } from '../route.ts';
import type { ResourceForm } from './rest.ts';

export interface ManageNavProps {
  readonly route: Route;
  readonly resources: readonly ResourceForm[];
  readonly mayAudit: boolean;
  readonly onFollow: () => void;
}

/** The management pages that this person may see. */
export function ManageNav({ route, resources, mayAudit, onFollow }: ManageNavProps) {
  const current = 'resource' in route ? route.resource : undefined;
  return (
    <nav className="manage-nav" aria-label="Manage">
      <ul>
        {resources.map(({ path, many }) => (
          <NavLink key={path} to={listPath(path)} isCurrent={path === current} onFollow={onFollow}>
            {many}
          </NavLink>
        ))}
      </ul>
      <ul>
        {mayAudit && (
          <NavLink to={auditPath} isCurrent={route.page === 'audit'} onFollow={onFollow}>
            Audit log
          </NavLink>
        )}
        {mayAudit && (
          <NavLink to={tracePath()} isCurrent={route.page === 'trace'} onFollow={onFollow}>
            Traces
          </NavLink>
        )}
        <NavLink to={youPath} isCurrent={route.page === 'you'} onFollow={onFollow}>
          You
        </NavLink>
      </ul>
    </nav>
  );
}

interface NavLinkProps {
  readonly to: string;
  readonly isCurrent: boolean;
  readonly onFollow: () => void;
  readonly children: string;
}

function NavLink({ to, isCurrent, onFollow, children }: NavLinkProps) {
  return (
    <li>
      <Link to={to} className="nav-link" isCurrent={isCurrent} onFollow={onFollow}>
        {children.charAt(0).toUpperCase() + children.slice(1)}
      </Link>
    </li>
  );
}
