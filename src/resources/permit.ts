import { ForbiddenError, NotAllowedError } from '../chat/errors.ts';
import type { AuditEntry } from '../observe/port.ts';
import type { Caller, Resource } from './definition.ts';

export type Verb = 'view' | 'add' | 'change' | 'delete';

/** The names of the permissions that a verb needs. */
export function neededFor(resource: Resource, verb: Verb): readonly string[] {
  if (verb === 'view') return resource.isOpen === true ? [] : [`ai_ops.view_${resource.suffix}`];
  const own = `ai_ops.${verb}_${resource.suffix}`;
  return resource.alsoNeeds === undefined ? [own] : [own, resource.alsoNeeds];
}

/** Whether a resource's rows can have this done to them at all. */
export function allows(resource: Resource, verb: Verb): boolean {
  const change = ({ view: undefined, add: 'create', change: 'change', delete: 'delete' } as const)[verb];
  return change === undefined || resource.changes.includes(change);
}

/** Whether this caller may do it. */
export function may(resource: Resource, verb: Verb, by: Caller): boolean {
  return allows(resource, verb) && neededFor(resource, verb).every((name) => by.permissions.has(name));
}

const done = { view: 'read', add: 'created', change: 'changed', delete: 'deleted' } as const;

/** Throws `NotAllowedError` or `ForbiddenError`; `denied` hears of the latter. */
export function permit(
  resource: Resource,
  verb: Verb,
  { by, denied }: { readonly by: Caller; readonly denied: (denial: AuditEntry) => void },
): void {
  const missing = neededFor(resource, verb).filter((name) => !by.permissions.has(name));
  if (missing.length > 0) {
    denied({ ...recordOf(by), action: 'access.denied', target: resource.path, detail: { missing } });
    throw new ForbiddenError(
      `This needs the permission ${missing.join(' and ')}; ask an administrator to grant it.`,
    );
  }
  if (!allows(resource, verb)) throw new NotAllowedError(`${resource.many} cannot be ${done[verb]}.`);
}

/** Who did it and from where, for the audit log. */
export function recordOf(by: Caller): Pick<AuditEntry, 'actor' | 'source' | 'address'> {
  return { actor: by.author.principal, source: by.source, address: by.address ?? '' };
}
