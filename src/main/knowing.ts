import type { ChatAdapter } from '../chat/adapter.ts';
import type { World } from '../resources/world.ts';

/** What platforms tell of people and channels that somebody names. */
export type Knowing = Pick<World, 'placesCalled' | 'personOf'>;

/** `adapters`: those that are connected by then. */
export function createKnowing(adapters: () => ReadonlyMap<string, ChatAdapter>): Knowing {
  return {
    async placesCalled(name, principal) {
      const asked = [...adapters().values()].map(
        async (adapter) => await adapter.placesCalled?.(name, principal),
      );
      const found = (await Promise.all(asked)).flatMap((places) => places ?? []);
      const own = found.filter((place) => platformOf(place) === platformOf(principal));
      return own.length > 0 ? own : found;
    },
    personOf: async (principal) => await adapters().get(platformOf(principal))?.personOf?.(principal),
  };
}

function platformOf(address: string): string {
  return address.split(':')[0] ?? '';
}
