import type { ListColumn } from '../../../../src/chat/form.ts';
import { ChevronIcon } from '../components/icons.tsx';
import { Link } from '../components/link.tsx';
import { rowPath } from '../route.ts';
import { isSortable, nextOrdering } from './list-query.ts';
import { isOutcome, Outcome } from './outcome.tsx';
import type { ResourceForm, Row } from './rest.ts';
import { listActionsOf, mayDelete } from './row-rules.ts';
import { RowTools, type RowToolsProps } from './row-tools.tsx';
import { nameOf, Shown } from './shown.tsx';

export interface ListTableProps extends Pick<RowToolsProps, 'onAct' | 'onDelete'> {
  readonly resource: ResourceForm;
  readonly rows: readonly Row[];
  readonly ordering: string;
  readonly isStale: boolean;
  readonly onOrder: (ordering: string) => void;
}

/** Rows in columns that can be sorted. On narrow screens each row is a card. */
export function ListTable({ resource, rows, ordering, isStale, onOrder, ...tools }: ListTableProps) {
  const hasTools = rows.some((row) => mayDelete(resource, row) || listActionsOf(resource, row).length > 0);
  return (
    <div className="list-frame">
      <table className={isStale ? 'list stale' : 'list'} aria-label={resource.many} aria-busy={isStale}>
        <thead>
          <tr>
            {resource.columns.map((column) => (
              <Heading key={column.name} {...{ resource, column, ordering, onOrder }} />
            ))}
            {hasTools && (
              <th scope="col">
                <span className="visually-hidden">Actions</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              {resource.columns.map((column, at) => (
                <td key={column.name} className={`cell-${column.type}`} data-label={column.label}>
                  {at === 0 ? (
                    <RowLink resource={resource} row={row} value={row[column.name]} />
                  ) : (
                    <Cell resource={resource} row={row} column={column} />
                  )}
                </td>
              ))}
              {hasTools && (
                <td className="tools">
                  <RowTools resource={resource} row={row} {...tools} />
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface HeadingProps extends Pick<ListTableProps, 'resource' | 'ordering' | 'onOrder'> {
  readonly column: ListColumn;
}

function Heading({ resource, column: { name, label }, ordering, onOrder }: HeadingProps) {
  if (!isSortable(resource, name)) return <th scope="col">{label}</th>;
  const direction = directionOf(ordering, name);
  return (
    <th scope="col" aria-sort={direction}>
      <button type="button" className="sort" onClick={() => onOrder(nextOrdering(ordering, name))}>
        {label}
        <ChevronIcon />
      </button>
    </th>
  );
}

function directionOf(ordering: string, name: string): 'ascending' | 'descending' | undefined {
  if (ordering === name) return 'ascending';
  return ordering === `-${name}` ? 'descending' : undefined;
}

function RowLink({
  resource,
  row,
  value,
}: Pick<ListTableProps, 'resource'> & { readonly row: Row; readonly value: unknown }) {
  const name = typeof value === 'object' && value !== null ? nameOf(value) : value;
  const shown = name === undefined || name === null || name === '' ? row.display : String(name);
  return (
    <Link to={rowPath(resource.path, row.id)} className="row-link">
      {shown}
    </Link>
  );
}

function Cell({
  resource,
  row,
  column,
}: Pick<ListTableProps, 'resource'> & { readonly row: Row; readonly column: ListColumn }) {
  const value = row[column.name];
  const widget = resource.form.fields.find(({ name }) => name === column.name)?.widget;
  if (widget?.type === 'choice') {
    return <Shown value={widget.choices.find((choice) => choice.value === value)?.label ?? value} />;
  }
  if (isOutcome(column.name) && typeof value === 'string' && value !== '') return <Outcome word={value} />;
  const as = column.type === 'status' ? column.type : undefined;
  return (
    <Shown value={value} as={as} resource={widget?.type === 'reference' ? widget.resource : undefined} />
  );
}
