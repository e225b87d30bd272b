import type { AdapterMemory } from '../../src/chat/adapter-memory.ts';
import { at, textOf } from '../../src/chat/json.ts';
import type { Person } from './context.ts';
import type { Conversation } from './thread-id.ts';

type Whose = Pick<Person, 'tenant' | 'aadObjectId'>;

/** Where each person is alone with the bot, as far as they wrote there. Never throws. */
export interface PersonalChats {
  /** Undefined: they never wrote to the bot alone, or that cannot be looked up now. */
  of(person: Whose): Promise<Conversation | undefined>;
  note(person: Whose, conversation: Conversation): Promise<void>;
}

const mostKnown = 5000;

export function createPersonalChats(memory: AdapterMemory): PersonalChats {
  const known = new Map<string, string>();

  function believe(key: string, id: string): void {
    known.set(key, id);
    const [oldest] = known.keys();
    if (known.size > mostKnown && oldest !== undefined) known.delete(oldest);
  }

  async function idOf(key: string): Promise<string> {
    const id = known.get(key) ?? textOf(at(await memory.get(key), 'id'));
    if (id !== '') believe(key, id);
    return id;
  }

  return {
    async of(person) {
      const id = await idOf(keyOf(person)).catch(() => '');
      return id === '' ? undefined : { tenant: person.tenant, id };
    },
    async note(person, { id }) {
      const key = keyOf(person);
      try {
        if ((await idOf(key)) === id) return;
        await memory.put(key, { id });
        believe(key, id);
      } catch {
        // It is noted with their next word.
      }
    },
  };
}

function keyOf({ tenant, aadObjectId }: Whose): string {
  return `teams:personal:${tenant}:${aadObjectId}`;
}
