import type { ResourceAction, ResourceForm, Row } from './rest.ts';

/** Whether a row may be deleted: what comes with the bot stays. */
export function mayDelete({ may }: ResourceForm, row: Row): boolean {
  return may.delete && row.is_builtin !== true && row.origin !== 'bundled';
}

/** Whether a row may be written: what is built in stays as it is. */
export function mayChange({ may }: ResourceForm, row: Row): boolean {
  return may.change && row.is_builtin !== true;
}

/** What a row can be asked to do by this person; not to become what it is already. */
export function actionsOf({ actions }: ResourceForm, row: Row): readonly ResourceAction[] {
  const alone = actions.filter(({ takes_input }) => takes_input !== true);
  return alone.filter(
    ({ name, may, shown_when: shown }) =>
      may &&
      row[name.replace(/^set-/, 'is_')] !== true &&
      (shown === undefined || shown.in.includes(String(row[shown.field]))),
  );
}

/** Those of them that lists offer. */
export function listActionsOf(resource: ResourceForm, row: Row): readonly ResourceAction[] {
  return actionsOf(resource, row).filter(({ is_rare }) => is_rare !== true);
}
