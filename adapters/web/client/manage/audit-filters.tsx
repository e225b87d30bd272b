import { type ChangeEvent, type FormEvent, useId, useState } from 'react';
import { SearchIcon } from '../components/icons.tsx';
import { useNavigation } from '../navigation.tsx';
import { auditPath, withQuery } from '../route.ts';
import { changed, isNarrowed } from './list-query.ts';
import { isoOf, localOf } from './local-time.ts';

const FILTERS = [
  { name: 'actor', label: 'Actor', type: 'text', hint: 'web:ada' },
  { name: 'action', label: 'Action', type: 'text', hint: 'llm-models.*' },
  { name: 'target', label: 'Target', type: 'text', hint: 'llm-models/…' },
  { name: 'source', label: 'Source', type: 'text', hint: 'console' },
  { name: 'after', label: 'From', type: 'datetime-local', hint: undefined },
  { name: 'before', label: 'Before', type: 'datetime-local', hint: undefined },
] as const;

/** What narrows the audit log down; kept in the address. */
export function AuditFilters({ query }: { readonly query: URLSearchParams }) {
  const { go } = useNavigation();
  const id = useId();
  const asked = String(query);
  const [shown, setShown] = useState(asked);
  const [values, setValues] = useState(() => valuesOf(query));

  // The address changed by other means than this form.
  if (asked !== shown) {
    setShown(asked);
    setValues(valuesOf(query));
  }

  function apply(event: FormEvent): void {
    event.preventDefault();
    go(withQuery(auditPath, changed(query, writtenOf(values))));
  }

  const control = (name: string) => ({
    id: `${id}-${name}`,
    value: values[name] ?? '',
    onChange: (event: ChangeEvent<HTMLInputElement>) =>
      setValues((before) => ({ ...before, [name]: event.target.value })),
  });

  return (
    <search>
      <form className="audit-search" onSubmit={apply}>
        <div className="row">
          <div className="search-box">
            <SearchIcon />
            <input
              {...control('q')}
              type="search"
              aria-label="Search the audit log"
              placeholder="Actor, action or target"
            />
          </div>
          <button type="submit" className="button">
            Search
          </button>
          {isNarrowed(query) && (
            <button type="button" className="button quiet" onClick={() => go(auditPath)}>
              Show all
            </button>
          )}
        </div>
        <details open={FILTERS.some(({ name }) => query.has(name))}>
          <summary>More filters</summary>
          <div className="audit-filters">
            {FILTERS.map(({ name, label, type, hint }) => (
              <label key={name} htmlFor={`${id}-${name}`}>
                <span>{label}</span>
                <input
                  {...control(name)}
                  type={type}
                  autoComplete="off"
                  spellCheck={false}
                  placeholder={hint}
                />
              </label>
            ))}
          </div>
        </details>
      </form>
    </search>
  );
}

type Values = Readonly<Record<string, string>>;

function valuesOf(query: URLSearchParams): Values {
  const filters = FILTERS.map(({ name, type }) => {
    const value = query.get(name) ?? '';
    return [name, type === 'text' ? value : localOf(value)] as const;
  });
  return { q: query.get('q') ?? '', ...Object.fromEntries(filters) };
}

/** As the API takes them; empty: not asked for. */
function writtenOf(values: Values): Values {
  const filters = FILTERS.map(({ name, type }) => {
    const value = values[name]?.trim() ?? '';
    return [name, type === 'text' ? value : isoOf(value)] as const;
  });
  return { q: values.q?.trim() ?? '', ...Object.fromEntries(filters) };
}
