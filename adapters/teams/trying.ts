import type { Administration } from '../../src/chat/admin/administration.ts';
import type { SentForm } from '../../src/chat/admin/sent-forms.ts';
import type { Person } from './context.ts';

/** Tries what open forms say. */
export interface Trying {
  /** What came of it, in Markdown; while that is not known yet, how to see it. Throws `InvalidError`. */
  words(sent: SentForm, person: Person): Promise<string>;
}

/** A dialog must be answered before Teams gives up, after about 5 s. */
const usualWaitMs = 2500;
/** A result that nobody asked for in this time is none any more. */
const keepMs = 60_000;
const later =
  '⏳ It is still being tested. Press *Test before saving* again in a moment to see what came of it.';

/** A test that takes longer goes on: who presses again gets the result of the one that runs. */
export function createTrying(administration: Pick<Administration, 'tryOut'>, waitMs = usualWaitMs): Trying {
  const running = new Map<string, Promise<string>>();

  async function tried(sent: SentForm, person: Person): Promise<string> {
    const { ok, message } = await administration.tryOut(sent, person);
    const advice = ok ? '' : '\n\nYou can save it all the same: switch *Enabled* off.';
    return `${ok ? '✅' : '❌'} ${message}${advice}`;
  }

  function begin(key: string, sent: SentForm, person: Person): Promise<string> {
    const work = tried(sent, person);
    running.set(key, work);
    const forget = () => {
      setTimeout(() => running.get(key) === work && running.delete(key), keepMs).unref();
    };
    work.then(forget, forget);
    return work;
  }

  return {
    async words(sent, person) {
      const key = JSON.stringify([person.author.principal, sent]);
      const work = running.get(key) ?? begin(key, sent, person);
      const outcome = await Promise.race([work, after(waitMs)]).catch((error: unknown) => {
        running.delete(key);
        throw error;
      });
      if (outcome === undefined) return later;
      running.delete(key);
      return outcome;
    },
  };
}

async function after(ms: number): Promise<undefined> {
  return await new Promise((resolve) => {
    setTimeout(() => resolve(undefined), ms).unref();
  });
}
