import { isSortable } from './list-query.ts';
import type { ResourceForm } from './rest.ts';

export interface SortByProps {
  readonly resource: ResourceForm;
  readonly ordering: string;
  readonly onOrder: (ordering: string) => void;
}

/** Sorts a list on narrow screens, where its columns have no heads. */
export function SortBy({ resource, ordering, onOrder }: SortByProps) {
  const columns = resource.columns.filter(({ name }) => isSortable(resource, name));
  if (columns.length === 0) return null;
  return (
    <div className="filter sort-by">
      <span aria-hidden="true">Sort by</span>
      <select aria-label="Sort by" value={ordering} onChange={(event) => onOrder(event.target.value)}>
        <option value="">Usual order</option>
        {columns.flatMap(({ name, label }) => [
          <option key={name} value={name}>
            {label}, up
          </option>,
          <option key={`-${name}`} value={`-${name}`}>
            {label}, down
          </option>,
        ])}
      </select>
    </div>
  );
}
