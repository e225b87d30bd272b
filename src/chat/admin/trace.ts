import type { Ledger } from '../../middleware/port.ts';
import type { DeskCaller } from '../desk.ts';
import { ForbiddenError, NotFoundError } from '../errors.ts';
import { traceText } from '../trace-text.ts';

/** How the layers of a turn ran, by its reference id, as Markdown. Throws `ForbiddenError` and `NotFoundError`. */
export type ReadTrace = (id: string, by: DeskCaller) => Promise<string>;

/** Needs `view_audit`, as it does over REST. */
export function createReadTrace(traces: Pick<Ledger, 'trace'>): ReadTrace {
  return async (id, by) => {
    if (!by.permissions.has('view_audit')) throw new ForbiddenError('This needs the permission view_audit.');
    const found = await traces.trace(id);
    if (found === undefined)
      throw new NotFoundError(`There is no turn with the reference ${id.slice(0, 64)}.`);
    return traceText(found);
  };
}
