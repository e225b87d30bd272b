import type { ChatAdapter } from '../chat/adapter.ts';
import type { Config } from '../config.ts';
import type { Spot } from '../inbox/spot.ts';
import type { Log } from '../observe/port.ts';

export interface SpotsOptions {
  readonly config: Config;
  readonly adapters: ReadonlyMap<string, ChatAdapter>;
  readonly log: Log;
}

const opsChannel = 'web:ops';

/** Where the bot may say something by itself, on the platforms that are connected. */
export function createSpots({ config, adapters, log }: SpotsOptions) {
  function spotAt(target: string): Spot | undefined {
    const adapter = adapters.get(target.slice(0, target.indexOf(':')));
    const place = adapter?.place?.(target);
    if (adapter === undefined || place === undefined) return undefined;
    return { platform: adapter.platform, place, isPosted: adapter.poster !== undefined };
  }
  function opsSpot(): Spot | undefined {
    const wanted = config.opsChannel ?? opsChannel;
    const spot = spotAt(wanted);
    if (spot === undefined) log.warn('ops_channel_unknown', { channel: wanted });
    return spot ?? spotAt(opsChannel);
  }
  const nowhere = (target: string) =>
    `Nothing can be posted to “${target}”. Name a channel or a thread of a platform that is connected, such as web:ops or slack:<team id>:<channel id>; of people, only yourself can be named.`;
  /** What is a person's own takes nothing that another one wants there. */
  const spotFor = (target: string, principal: string) => {
    if (target === '') return opsSpot();
    const spot = spotAt(target);
    const only = spot?.place.type === 'threads' ? undefined : spot?.place.only;
    return only === undefined || only === principal ? spot : undefined;
  };
  return {
    spotAt,
    opsSpot,
    /** Where a target of this owner is, or a sentence why it is nowhere. */
    spotOf: (target: string, principal: string) => spotFor(target, principal) ?? nowhere(target),
    targetProblem: (target: string, principal: string) =>
      spotFor(target, principal) === undefined ? nowhere(target) : undefined,
  };
}
