import type { AdapterMemory } from '../../src/chat/adapter-memory.ts';
import { at, type Json, records, textOf } from '../../src/chat/json.ts';
import type { Clock } from '../../src/observe/port.ts';
import { type Conversation, roomOf } from './thread-id.ts';

/** How a chat or a channel is reached; all threads of a channel alike. */
export interface Reference {
  readonly serviceUrl: string;
  /** `28:…`, the bot as it is called there. */
  readonly botId: string;
  readonly kind: Kind;
  /** Why the bot may not write there: Teams' word. It may again once somebody there speaks to it. */
  readonly closed?: string;
}

export type Kind = 'personal' | 'group' | 'channel';

/** References of verified activities, kept over restarts and for all replicas; a context of a turn never is. */
export interface References {
  /** Undefined: the bot was never heard of there. Throws `UnavailableError`. */
  of(place: Conversation): Promise<Reference | undefined>;
  /** Stores what a verified activity says, when it is something new. Throws `UnavailableError`. */
  note(place: Conversation, activity: Json): Promise<void>;
  /**
   * False: it was closed already, or is reached elsewhere than at `serviceUrl` by now, where nobody was
   * refused. Throws `UnavailableError`.
   */
  close(place: Conversation, why: string, serviceUrl?: string): Promise<boolean>;
  /** Asks the memory again: another replica may know a newer one. */
  doubt(place: Conversation): void;
}

/** Another replica may have heard of a new serviceUrl. */
const believeMs = 60_000;
const mostKnown = 5000;

export function createReferences({
  memory,
  clock,
}: {
  readonly memory: AdapterMemory;
  readonly clock: Clock;
}): References {
  const known = new Map<string, { readonly reference: Reference; readonly until: number }>();

  function believe(key: string, reference: Reference): void {
    known.delete(key);
    known.set(key, { reference, until: clock.now() + believeMs });
    const [oldest] = known.keys();
    if (known.size > mostKnown && oldest !== undefined) known.delete(oldest);
  }

  async function of(place: Conversation): Promise<Reference | undefined> {
    const key = keyOf(place);
    const found = known.get(key);
    if (found !== undefined && found.until > clock.now()) return found.reference;
    const stored = referenceOf(await memory.get(key));
    if (stored !== undefined) believe(key, stored);
    return stored;
  }

  async function put(place: Conversation, reference: Reference): Promise<void> {
    await memory.put(keyOf(place), reference);
    believe(keyOf(place), reference);
  }

  return {
    of,
    async note(place, activity) {
      const heard = heardReference(place, activity);
      if (heard === undefined) return;
      const before = await of(place);
      if (before === undefined || !isSame(before, heard)) await put(place, heard);
    },
    async close(place, why, serviceUrl) {
      const before = await of(place);
      if (before === undefined || before.closed !== undefined) return false;
      if (serviceUrl !== undefined && serviceUrl !== before.serviceUrl) return false;
      await put(place, { ...before, closed: why });
      return true;
    },
    doubt: (place) => void known.delete(keyOf(place)),
  };
}

function keyOf({ tenant, id }: Conversation): string {
  return `teams:reference:${tenant}:${roomOf(id)}`;
}

function heardReference({ id }: Conversation, activity: Json): Reference | undefined {
  const [serviceUrl, botId] = [textOf(activity.serviceUrl), textOf(at(activity.recipient, 'id'))];
  if (serviceUrl === '' || botId === '') return undefined;
  return { serviceUrl, botId, kind: kindOf(id, textOf(at(activity.conversation, 'conversationType'))) };
}

/** Where Teams does not say what it is, the id does. */
export function kindOf(id: string, type: string): Kind {
  if (type === 'personal' || type === 'channel') return type;
  if (type === 'groupChat') return 'group';
  if (id.startsWith('a:')) return 'personal';
  return /@thread\.(tacv2|skype)/.test(id) ? 'channel' : 'group';
}

function isSame(a: Reference, b: Reference): boolean {
  return a.serviceUrl === b.serviceUrl && a.botId === b.botId && a.kind === b.kind && a.closed === b.closed;
}

function referenceOf(stored: unknown): Reference | undefined {
  const [serviceUrl, botId] = [textOf(at(stored, 'serviceUrl')), textOf(at(stored, 'botId'))];
  const [kind] = (['personal', 'group', 'channel'] as const).filter((known) => known === at(stored, 'kind'));
  if (serviceUrl === '' || botId === '' || kind === undefined) return undefined;
  const closed = textOf(at(stored, 'closed'));
  return { serviceUrl, botId, kind, ...(closed === '' ? {} : { closed }) };
}

/** Whether an activity tells that the bot itself is no longer there. */
export function isFarewell(activity: Json): boolean {
  if (activity.type === 'installationUpdate') return textOf(activity.action).startsWith('remove');
  if (activity.type !== 'conversationUpdate') return false;
  const botId = textOf(at(activity.recipient, 'id'));
  return records(activity.membersRemoved).some(({ id }) => id === botId);
}
