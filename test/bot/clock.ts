import type { Clock } from '../../src/observe/port.ts';

/** A clock that a test moves. */
export interface MovableClock extends Clock {
  forward(ms: number): void;
}

export const hourMs = 3_600_000;

export function movableClock(): MovableClock {
  let ahead = 0;
  return {
    now: () => Date.now() + ahead,
    forward(ms) {
      ahead += ms;
    },
  };
}
