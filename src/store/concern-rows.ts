import type { ConcernState } from '../chat/reply.ts';
import type { Concern } from '../inbox/port.ts';

/** A row of `concerns` with the thread of its notice. */
export interface ConcernRow {
  readonly id: string;
  readonly subject: string;
  readonly items: Concern['items'];
  readonly state: ConcernState;
  readonly by_principal: string | null;
  readonly by_name: string | null;
  readonly at: Date | null;
  readonly until: Date | null;
  readonly thread_id: string | null;
}

/** A concern as it stands at a time: a snooze that is over is open. */
export function readConcern(row: ConcernRow, now: number): Concern {
  const { id, subject, items, at, until } = row;
  const isOver = row.state === 'snoozed' && (until === null || until.getTime() <= now);
  const isSaid = row.by_principal !== null && !isOver;
  return {
    ...{ id, subject, items, state: isOver ? 'open' : row.state },
    ...(isSaid ? { by: { principal: row.by_principal, name: row.by_name ?? '' } } : {}),
    ...(at === null ? {} : { at }),
    ...(until === null ? {} : { until }),
    ...(row.thread_id === null ? {} : { threadId: row.thread_id }),
  };
}
