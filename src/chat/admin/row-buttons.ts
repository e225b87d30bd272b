import type { DeskKind, DeskRow } from '../desk.ts';
import type { Button } from './answer.ts';

/** What this caller can do with a thing, the usual first: menus hold a few alone. */
export function rowButtons(kind: DeskKind, row: DeskRow): readonly Button[] {
  const line = (verb: string) => `${kind.word} ${verb} ${row.id}`;
  const actions = kind.actions
    .filter(({ name }) => row.actions.includes(name))
    .map(({ name, label }) => ({ label, line: line(name) }));
  const isOn = row.isOn;
  return [
    ...(kind.allowed.has('edit') ? [{ label: 'Edit', line: line('edit') }] : []),
    ...actions.slice(0, 2),
    ...(isOn === true && kind.allowed.has('disable') ? [{ label: 'Disable', line: line('disable') }] : []),
    ...(isOn === false && kind.allowed.has('enable') ? [{ label: 'Enable', line: line('enable') }] : []),
    ...actions.slice(2),
    ...(kind.allowed.has('delete')
      ? [{ label: 'Delete', line: line('delete'), style: 'danger' as const }]
      : []),
  ];
}
