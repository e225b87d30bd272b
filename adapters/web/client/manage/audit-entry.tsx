import { ChevronIcon } from '../components/icons.tsx';
import { Link } from '../components/link.tsx';
import { rowPath } from '../route.ts';
import { alsoIn } from './audit-also.ts';
import { useManage } from './context.tsx';
import { Facts } from './facts.tsx';
import type { AuditRow } from './rest.ts';
import { labelOf } from './result.ts';
import { Shown } from './shown.tsx';
import { Time } from './time.tsx';

/** One line of the audit log, which opens to show what was before and after, and from where it was done. */
export function AuditEntry({ row }: { readonly row: AuditRow }) {
  const { before, after, also, ...detail } = row.detail;
  const name = typeof detail.name === 'string' ? detail.name : row.target;
  return (
    <li>
      <details className="audit-entry">
        <summary>
          <ChevronIcon />
          <span className="audit-time">
            <Time iso={row.at} />
          </span>
          <code className="audit-action">{row.action}</code>
          <span className="audit-name clip">{name}</span>
          <span className="audit-actor clip">{row.actor}</span>
        </summary>
        <div className="audit-body">
          <Changes target={row.target} before={recordOf(before)} after={recordOf(after)} />
          <Also also={also} />
          <Facts facts={factsOf(row, detail)} />
          <TargetLink target={row.target} />
        </div>
      </details>
    </li>
  );
}

type Values = Readonly<Record<string, unknown>>;

interface ChangesProps {
  readonly target: string;
  readonly before: Values;
  readonly after: Values;
}

function Changes({ target, before, after }: ChangesProps) {
  const { resources } = useManage();
  const fields = resources.find(({ path }) => path === target.split('/')[0])?.form.fields ?? [];
  const wordOf = (name: string) => fields.find((field) => field.name === name)?.label ?? labelOf(name);
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  if (names.length === 0) return null;
  return (
    <table className="list plain changes">
      <thead>
        <tr>
          <th scope="col">Field</th>
          <th scope="col">Before</th>
          <th scope="col">After</th>
        </tr>
      </thead>
      <tbody>
        {names.map((name) => (
          <tr key={name}>
            <th scope="row">{wordOf(name)}</th>
            <td data-label="Before">
              <Shown value={before[name]} />
            </td>
            <td data-label="After">
              <Shown value={after[name]} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What was deleted, kept or cleared with it. */
function Also({ also }: { readonly also: unknown }) {
  const { resources } = useManage();
  const lines = alsoIn(also, resources);
  if (lines.length === 0) return null;
  return (
    <div>
      <h3 className="audit-also">Also</h3>
      <ul>
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </div>
  );
}

/** A way to what was changed, where it is something that this person may see; it may be gone. */
function TargetLink({ target }: { readonly target: string }) {
  const { resources } = useManage();
  const [path = '', id] = target.split('/');
  const resource = resources.find((one) => one.path === path);
  if (!resource || id === undefined) return null;
  return (
    <Link to={rowPath(path, id)} className="text-link">
      Open this {resource.one}
    </Link>
  );
}

function factsOf(row: AuditRow, detail: Values) {
  const { name: _name, ...others } = detail;
  const told = { actor: row.actor, source: row.source, address: row.address, target: row.target };
  const all = { ...others, ...told, thread: row.thread_id, turn: row.turn_id, entry: row.id };
  return Object.entries(all)
    .filter(([, value]) => value !== undefined && value !== null && value !== '')
    .map(([name, value]) => ({ name, label: labelOf(name), value }));
}

function recordOf(value: unknown): Values {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
