import { apiTokens } from '../resources/api-tokens.ts';
import { identities } from '../resources/identities.ts';
import type { Rows } from '../resources/rows.ts';

/** How people call whom or what a principal or an address stands for. Undefined: nobody says, soon. Never throws. */
export type Called = (principal: string) => Promise<string | undefined>;

export interface CalledOptions {
  readonly rows: Pick<Rows, 'find'>;
  /** As adapters call their channels. */
  readonly channelName: (address: string) => Promise<string | undefined>;
}

const patienceMs = 1500;
const channelMark = 'channel:';

/** Looks people and tokens up in what is stored, and channels on their platforms. */
export function createCalled({ rows, channelName }: CalledOptions): Called {
  async function look(principal: string): Promise<string | undefined> {
    if (principal.startsWith(channelMark)) return await channelName(principal.slice(channelMark.length));
    if (principal.startsWith('token:')) {
      const token = await rows.find(apiTokens, { id: principal.slice('token:'.length) });
      return token === undefined ? undefined : `the API token ${String(token.name)}`;
    }
    const known = (await rows.find(identities, { name: principal }))?.name;
    if (typeof known === 'string' && known !== '') return known;
    return isChannel(principal) ? await channelName(principal) : undefined;
  }
  return async (principal) => await soon(look(principal).catch(() => undefined));
}

/** The console has one channel; people are known by their identities. */
function isChannel(address: string): boolean {
  return address === 'web:ops' || /^(?:slack|teams):/.test(address);
}

async function soon<T>(work: Promise<T>): Promise<T | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), patienceMs);
  return await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
