import { useCallback, useEffect, useRef, useState } from 'react';
import type { Choice, FormField } from '../../../../src/chat/form.ts';
import { useNavigation } from '../navigation.tsx';
import { listPath, withQuery } from '../route.ts';
import { useManage } from './context.tsx';
import { changed, filterFields } from './list-query.ts';
import { readOptions } from './options.ts';
import type { ResourceForm } from './rest.ts';
import { SearchBox } from './search-box.tsx';
import { useLoaded } from './use-loaded.ts';

export interface ListFiltersProps {
  readonly resource: ResourceForm;
  readonly query: URLSearchParams;
}

/** What narrows a list down; kept in the address. */
export function ListFilters({ resource, query }: ListFiltersProps) {
  const { go } = useNavigation();
  const latest = useRef(query);
  useEffect(() => {
    latest.current = query;
  }, [query]);

  const set = useCallback(
    (name: string, value: string) =>
      go(withQuery(listPath(resource.path), changed(latest.current, { [name]: value })), { replace: true }),
    [go, resource.path],
  );
  const search = useCallback((q: string) => set('q', q), [set]);

  const fields = filterFields(resource);
  if (!resource.search && fields.length === 0) return null;
  return (
    <search className="filters">
      {resource.search && (
        <SearchBox label={`Search ${resource.many}`} value={query.get('q') ?? ''} onSearch={search} />
      )}
      {fields.map((field) => (
        <Filter
          key={field.name}
          field={field}
          value={query.get(field.name) ?? ''}
          onChange={(value) => set(field.name, value)}
        />
      ))}
    </search>
  );
}

interface FilterProps {
  readonly field: FormField;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function Filter({ field, value, onChange }: FilterProps) {
  const options = useChoices(field);
  const isKnown = value === '' || options.some((option) => option.value === value);
  const [id] = useState(() => `filter-${field.name}`);
  if (options.length === 0 && value === '') return null;
  return (
    <label className={value === '' ? 'filter' : 'filter active'} htmlFor={id}>
      <span>{field.label}</span>
      <select id={id} value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">Any</option>
        {!isKnown && <option value={value}>{value}</option>}
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </label>
  );
}

const YES_OR_NO = [
  { value: 'true', label: 'Yes' },
  { value: 'false', label: 'No' },
];

/** What a list can be narrowed down to; nothing is asked of what this person may not see. */
function useChoices({ widget }: FormField): readonly Choice[] {
  const { resources } = useManage();
  const wanted = widget.type === 'reference' && !widget.choices ? widget.resource : undefined;
  const resource = resources.some(({ path }) => path === wanted) ? wanted : undefined;
  const load = useCallback(
    async () => (resource === undefined ? [] : await readOptions(resource)),
    [resource],
  );
  const { value: related = [] } = useLoaded(load);
  if (widget.type === 'choice') return widget.choices;
  if (widget.type === 'switch') return YES_OR_NO;
  if (widget.type === 'reference' && widget.choices) return widget.choices;
  return related.map(({ id, display }) => ({ value: id, label: display }));
}
