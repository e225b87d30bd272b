import type { ReactNode } from 'react';
import { CheckIcon } from '../components/icons.tsx';
import { Link } from '../components/link.tsx';
import { rowPath } from '../route.ts';
import { useManage } from './context.tsx';
import type { ShownValue } from './fact.ts';
import { Status } from './status.tsx';
import { Time } from './time.tsx';

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/** Any value as people read it. Text stays text, whatever it holds. */
export function Shown({ value, as, resource }: ShownValue): ReactNode {
  if (value === undefined || value === null || value === '') return <span className="nothing">–</span>;
  if (typeof value === 'boolean') return <Flag isOn={value} />;
  if (typeof value === 'string' && TIME.test(value)) return <Time iso={value} />;
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return <Listed values={value} />;
  const name = nameOf(value);
  if (name === undefined) return <Structure value={value} />;
  if (as === 'status') return <Status name={name} />;
  return <Related name={name} id={'id' in value ? String(value.id) : undefined} resource={resource} />;
}

/** How a row, or a relation to one, is called. */
export function nameOf(value: object): string | undefined {
  const names = ['name' in value ? value.name : undefined, 'display' in value ? value.display : undefined];
  return names.find((name) => typeof name === 'string');
}

function Flag({ isOn }: { readonly isOn: boolean }) {
  return isOn ? (
    <span className="flag on">
      <CheckIcon />
      <span>Yes</span>
    </span>
  ) : (
    <span className="flag">No</span>
  );
}

function Related({
  name,
  id,
  resource,
}: {
  readonly name: string;
  readonly id: string | undefined;
  readonly resource: string | undefined;
}) {
  const { resources } = useManage();
  const isOpen = resources.some(({ path }) => path === resource);
  if (!isOpen || resource === undefined || id === undefined) return name;
  return (
    <Link to={rowPath(resource, id)} className="text-link">
      {name}
    </Link>
  );
}

function Listed({ values }: { readonly values: readonly unknown[] }) {
  if (values.length === 0) return <span className="nothing">–</span>;
  const isPlain = values.every(
    (value) => typeof value !== 'object' || value === null || nameOf(value) !== undefined,
  );
  if (!isPlain) return <Structure value={values} />;
  return values
    .map((value: unknown) => (typeof value === 'object' && value !== null ? nameOf(value) : String(value)))
    .join(', ');
}

function Structure({ value }: { readonly value: object }) {
  if (Object.keys(value).length === 0) return <span className="nothing">–</span>;
  return <pre className="structure">{JSON.stringify(value, null, 2)}</pre>;
}
