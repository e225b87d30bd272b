import { type RawBuilder, sql } from 'kysely';
import type { Run } from '../schedules/port.ts';

/** A row of `schedule_runs` that this process holds: every write of the run is fenced by it. */
export function isHeld({ id, owner, attempt }: Run): RawBuilder<unknown> {
  return sql`id = ${id}::uuid and owner = ${owner} and attempts = ${attempt} and state = 'running'`;
}
