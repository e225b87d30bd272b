import { Link } from '../components/link.tsx';
import { listPath } from '../route.ts';
import { useManage } from './context.tsx';
import type { ResourceForm } from './rest.ts';

/** The way back to the list, as it was narrowed down. */
export function Trail({ resource }: { readonly resource: ResourceForm }) {
  const { lists } = useManage();
  return (
    <span className="trail">
      <Link to={lists.get(resource.path) ?? listPath(resource.path)}>{resource.many}</Link>
      <span aria-hidden="true">/</span>
    </span>
  );
}
