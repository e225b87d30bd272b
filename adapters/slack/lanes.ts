import type { Clock } from '../../src/observe/port.ts';

/** Which lane a call goes in: what Slack counts together. */
export interface Lane {
  readonly method: string;
  readonly team: string;
  readonly channel: string;
}

/** Methods that Slack counts per channel (https://docs.slack.dev/apis/web-api/rate-limits). */
const perChannel = new Set(['chat.postMessage', 'chat.postEphemeral']);

/** Remembers until when each lane is closed, so that nobody calls into a closed one. */
export interface Lanes {
  /** How long the lane stays closed, in milliseconds; 0 when it is open. */
  closedFor(lane: Lane): number;
  close(lane: Lane, forMs: number): void;
}

export function createLanes(clock: Clock): Lanes {
  const until = new Map<string, number>();
  return {
    closedFor(lane) {
      const key = keyOf(lane);
      const left = (until.get(key) ?? 0) - clock.now();
      if (left <= 0) until.delete(key);
      return Math.max(0, left);
    },
    close: (lane, forMs) => void until.set(keyOf(lane), clock.now() + forMs),
  };
}

function keyOf({ team, method, channel }: Lane): string {
  return perChannel.has(method) ? `${team} ${method} ${channel}` : `${team} ${method}`;
}
