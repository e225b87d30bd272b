import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../observe/port.ts';
import { createCalendar } from './due.ts';
import {
  type Ending,
  type Firing,
  type Lane,
  laneOf,
  lanes,
  type Run,
  type Schedule,
  type ScheduleKind,
  type ScheduleStore,
  type Wisher,
} from './port.ts';

/** What a kind of schedule does. Resolves with how the run ends; `begun`: it ends with the turn that it began. */
export type Kind = (run: Run, signal: AbortSignal) => Promise<Ending | 'begun'>;

export interface RunnerOptions {
  readonly store: ScheduleStore;
  readonly kinds: Readonly<Record<ScheduleKind, Kind>>;
  /** Names this process. */
  readonly owner: string;
  readonly log: Log;
  /** Milliseconds since 1970. Default: the database's clock, which all processes share. */
  readonly now?: () => number;
  readonly leaseMs?: number;
  readonly lookEveryMs?: number;
  /** What other processes changed is seen after this long. */
  readonly readEveryMs?: number;
  /** Runs at once in this process, of each lane. */
  readonly slots?: number;
  /** A run that so many processes began and none ended is given up. */
  readonly maxAttempts?: number;
  /** Something was stored that is to be posted. */
  readonly posted?: () => void;
}

export interface Runner {
  start(): void;
  /** Looks once at what is due and what was left behind; begins it, and does not wait for its end. */
  look(): Promise<void>;
  /** Reads the schedules again at the next look. */
  changed(): void;
  /** Runs a schedule whatever its times are; undefined while a run of it is under way. */
  run(scheduleId: string, wisher: Wisher): Promise<string | undefined>;
  /** Resolves when nothing runs here. */
  settled(): Promise<void>;
  /** Begins nothing more, and lets go of what runs: another process begins it again. */
  stop(): Promise<void>;
}

/** A run that does not hear of the end is not waited for. */
const stopMs = 2000;

class LostError extends Error {
  override readonly name = 'LostError';
}

/** Does on every replica what schedules say, each time once over all of them. */
export function createRunner(options: RunnerOptions): Runner {
  const { store, owner, log, slots = 4, leaseMs = 30_000, maxAttempts = 3, posted = () => {} } = options;
  const { lookEveryMs = 1000, readEveryMs = 10_000 } = options;
  const calendar = createCalendar();
  const held = new Map<string, { readonly run: Run; readonly over: AbortController }>();
  const running = new Set<Promise<void>>();
  const unreadable = new Set<string>();
  const timers: NodeJS.Timeout[] = [];
  const by = { owner, leaseMs };
  let known: readonly Schedule[] = [];
  let ahead = 0;
  /** Turns that this process has begun and not seen the end of. */
  let begun = 0;
  let readAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | undefined;
  let stopping = false;

  const now = options.now ?? (() => performance.now() + ahead);
  const roomy = (): readonly Lane[] => (stopping ? [] : lanes.filter((lane) => heldIn(lane) < slots));
  const heldIn = (lane: Lane) => [...held.values()].filter(({ run }) => laneOf(run.schedule) === lane).length;

  async function read(): Promise<void> {
    readAt = performance.now();
    const found = await store.enabled().catch((error: unknown) => {
      readAt = Number.NEGATIVE_INFINITY;
      throw error;
    });
    known = found.schedules;
    ahead = found.now - performance.now();
  }

  async function lookOnce(): Promise<void> {
    const isReading = performance.now() - readAt >= readEveryMs;
    if (isReading) await read();
    if (isReading || begun > 0) begun = Math.max(0, begun - (await store.endWithTurns()));
    for (const schedule of known) {
      if (!roomy().includes(laneOf(schedule))) continue;
      const firing = dueOf(schedule);
      if (firing === undefined) continue;
      const run = await store.fire(firing, by);
      // Whoever took it has moved the schedule on.
      readAt = Number.NEGATIVE_INFINITY;
      if (run !== undefined) begin(run);
    }
    while (isReading && roomy().length > 0) {
      const run = await store.takeOver(by, roomy());
      if (run === undefined) return;
      begin(run);
    }
  }

  /** One that cannot be read, because it came from elsewhere than its rules, keeps no other from its time. */
  function dueOf(schedule: Schedule): Firing | undefined {
    const { id, name, revision } = schedule;
    try {
      return calendar.due(schedule, now());
    } catch (error) {
      if (!unreadable.has(`${id} ${revision}`)) log.warn('schedule_unreadable', { schedule: name, error });
      unreadable.add(`${id} ${revision}`);
      return undefined;
    }
  }

  async function lookSafely(): Promise<void> {
    await lookOnce().catch((error: unknown) => log.warn('schedules_not_read', { error }));
  }

  function begin(run: Run): void {
    const over = new AbortController();
    held.get(run.id)?.over.abort(new LostError());
    held.set(run.id, { run, over });
    const done = work(run, over.signal)
      .catch((error: unknown) => log.error('schedule_run_not_ended', { ...fieldsOf(run), error }))
      .finally(() => {
        if (held.get(run.id)?.over === over) held.delete(run.id);
        running.delete(done);
      });
    running.add(done);
  }

  async function work(run: Run, signal: AbortSignal): Promise<void> {
    const startedAt = performance.now();
    const ending = run.attempt > maxAttempts ? givenUp(run) : await outcomeOf(run, signal);
    if (ending === undefined) return;
    if (ending !== 'begun' && !(await store.end(run, ending)))
      return log.warn('schedule_run_lost', fieldsOf(run));
    posted();
    if (ending === 'begun') begun += 1;
    const state = ending === 'begun' ? ending : ending.state;
    const durationMs = Math.round(performance.now() - startedAt);
    log.info('schedule_ran', { ...fieldsOf(run), state, duration_ms: durationMs });
  }

  /** Undefined: the run is no longer ours. */
  async function outcomeOf(run: Run, signal: AbortSignal): Promise<Ending | 'begun' | undefined> {
    try {
      return await options.kinds[run.schedule.kind](run, signal);
    } catch (error) {
      if (signal.aborted) return undefined;
      log.warn('schedule_failed', { ...fieldsOf(run), error });
      return { state: 'failed', error: error instanceof Error ? error.message : String(error) };
    }
  }

  async function renew(): Promise<void> {
    const all = [...held.values()];
    if (all.length === 0) return;
    const still = await store.renew(
      all.map(({ run }) => run),
      leaseMs,
    );
    for (const { run, over } of all) if (!still.has(run.id)) over.abort(new LostError());
  }

  const beat = () =>
    void renew().catch((error: unknown) => log.warn('schedule_lease_not_renewed', { error }));

  return {
    start() {
      const look = () => {
        looking ??= lookSafely().finally(() => {
          looking = undefined;
        });
      };
      timers.push(setInterval(look, lookEveryMs), setInterval(beat, leaseMs / 3));
      look();
    },
    async look() {
      readAt = Number.NEGATIVE_INFINITY;
      await lookOnce();
    },
    changed() {
      readAt = Number.NEGATIVE_INFINITY;
    },
    async run(scheduleId, wisher) {
      const run = await store.wish(scheduleId, { ...by, ...wisher });
      if (run !== undefined) begin(run);
      return run?.id;
    },
    async settled() {
      while (running.size > 0) await Promise.all(running);
    },
    async stop() {
      stopping = true;
      timers.forEach(clearInterval);
      await looking;
      const left = [...held.values()];
      for (const { over } of left) over.abort(new LostError());
      await Promise.race([Promise.all(running), sleep(stopMs, undefined, { ref: false })]);
      await store.letGo(left.map(({ run }) => run));
    },
  };
}

function givenUp({ attempt }: Run): Ending {
  return { state: 'failed', error: `It was begun ${attempt - 1} times and never ended; the log says more.` };
}

function fieldsOf({ id, schedule, attempt }: Run) {
  return { schedule: schedule.name, kind: schedule.kind, run_id: id, attempt };
}
