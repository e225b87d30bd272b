import type { Damping } from './port.ts';
import { type Verdict, weight } from './verdict.ts';

/** What a monitor remembers from look to look. Times are milliseconds since 1970. */
export interface MonitorState {
  /** The verdict that counts, and since when; absent: none has been confirmed yet. */
  readonly counts?: { readonly verdict: Verdict; readonly since: number };
  /** The last looks that agreed. */
  readonly latest: { readonly verdict: Verdict; readonly since: number; readonly times: number };
  /** What people know. */
  readonly told: Verdict;
  /** Since when it has not been well, as far as people know. */
  readonly badSince?: number;
  /** When the verdict that counts changed, within the window. */
  readonly changes: readonly number[];
  /** `untold`: it flaps, and people do not know. */
  readonly flaps: 'no' | 'untold' | 'told';
  readonly wasSnoozed: boolean;
}

/** What people said to what they were told. */
export type Attended = 'none' | 'acknowledged' | 'snoozed';

/** What a monitor says. `opened` begins a thread, all else stands in it. */
export type Saying =
  | { readonly type: 'opened'; readonly verdict: Verdict }
  | {
      readonly type: 'changed';
      readonly from: Verdict;
      readonly verdict: Verdict;
      readonly isWorse: boolean;
      /** Since it stopped being well. */
      readonly afterMs: number;
    }
  | { readonly type: 'recovered'; readonly afterMs: number }
  | { readonly type: 'flaps'; readonly changes: number }
  | { readonly type: 'settled'; readonly verdict: Verdict }
  /** A snooze is over, and nothing is better. */
  | { readonly type: 'reminded'; readonly verdict: Verdict; readonly afterMs: number };

export interface Look {
  readonly verdict: Verdict;
  readonly at: number;
  readonly attended: Attended;
}

export interface Decision {
  readonly state: MonitorState;
  readonly say?: Saying;
}

/**
 * Decides whether a look is worth a word: a verdict counts after so many equal ones in a row, only changes are
 * told, and what changes too often is told once and then not until it has been stable for the window.
 */
export function decide(before: MonitorState | undefined, look: Look, damping: Damping): Decision {
  const seen = counted(before, look, damping);
  const isSnoozed = look.attended === 'snoozed';
  if (isSnoozed) return { state: { ...seen, wasSnoozed: true } };
  const awake = { ...seen, wasSnoozed: false };
  if (seen.flaps === 'told') return { state: awake };
  if (seen.flaps === 'untold')
    return { state: { ...awake, flaps: 'told' }, say: { type: 'flaps', changes: seen.changes.length } };
  return told(awake, look, { wasFlapping: before?.flaps === 'told', wasSnoozed: seen.wasSnoozed });
}

/** What was seen, before anybody is told. */
function counted(before: MonitorState | undefined, { verdict, at }: Look, damping: Damping): MonitorState {
  const known = before ?? first(verdict, at);
  const isSame = before !== undefined && before.latest.verdict === verdict;
  const latest = isSame
    ? { ...before.latest, times: before.latest.times + 1 }
    : { verdict, since: at, times: 1 };
  const isConfirmed = latest.times >= damping.confirmations;
  const isNew = isConfirmed && latest.verdict !== known.counts?.verdict;
  const changes = [...known.changes, ...(isNew && known.counts !== undefined ? [at] : [])].filter(
    (time) => at - time < damping.flapMs,
  );
  return {
    ...known,
    latest,
    ...(isNew ? { counts: { verdict, since: latest.since } } : {}),
    changes,
    flaps: flapping(known, changes, { isSettled: latest.verdict === known.counts?.verdict, damping }),
  };
}

function first(verdict: Verdict, at: number): MonitorState {
  const latest = { verdict, since: at, times: 0 };
  return { latest, told: 'ok', changes: [], flaps: 'no', wasSnoozed: false };
}

/** It flaps until nothing has changed within the window, and the last look agrees with what counts. */
function flapping(
  { flaps }: MonitorState,
  changes: readonly number[],
  { isSettled, damping }: { readonly isSettled: boolean; readonly damping: Damping },
): MonitorState['flaps'] {
  if (flaps !== 'no') return changes.length === 0 && isSettled ? 'no' : flaps;
  return changes.length > damping.flapChanges ? 'untold' : 'no';
}

function told(
  state: MonitorState,
  { at }: Look,
  { wasFlapping, wasSnoozed }: { readonly wasFlapping: boolean; readonly wasSnoozed: boolean },
): Decision {
  const { counts, told: from, badSince, latest } = state;
  if (counts === undefined) return { state };
  // The next look tells more: a word now would speak of what this one does not show.
  if (latest.verdict !== counts.verdict) return { state: { ...state, wasSnoozed } };
  const { verdict, since } = counts;
  if (verdict !== from) return news(state, counts);
  if (wasFlapping) return { state, say: { type: 'settled', verdict } };
  if (wasSnoozed && verdict !== 'ok')
    return { state, say: { type: 'reminded', verdict, afterMs: at - (badSince ?? since) } };
  return { state };
}

function news(state: MonitorState, { verdict, since }: NonNullable<MonitorState['counts']>): Decision {
  const { told: from, badSince = since, ...rest } = state;
  if (from === 'ok')
    return { state: { ...rest, told: verdict, badSince: since }, say: { type: 'opened', verdict } };
  const afterMs = since - badSince;
  if (verdict === 'ok') return { state: { ...rest, told: verdict }, say: { type: 'recovered', afterMs } };
  const isWorse = weight(verdict) > weight(from);
  return {
    state: { ...rest, told: verdict, badSince },
    say: { type: 'changed', from, verdict, isWorse, afterMs },
  };
}
