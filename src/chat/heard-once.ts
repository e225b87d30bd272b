import { UnavailableError } from './errors.ts';
import type { ThreadId } from './inbound.ts';

/**
 * How a message that is a command stands: `first`: run it now, and say `done`; `under_way`: another delivery
 * runs it; `interrupted`: another one began to run it a while ago and never said `done`, and it is taken over;
 * `over`: it was run, or was heard as a message of another kind.
 */
export type Claim = 'first' | 'under_way' | 'interrupted' | 'over';

/** Which messages were run as commands, on all replicas, by their dedupe keys. Throws `UnavailableError`. */
export interface CommandClaims {
  claim(threadId: ThreadId, keys: readonly string[]): Promise<Claim>;
  done(keys: readonly string[]): Promise<void>;
  /** It was not run after all: a repeated delivery runs it. */
  release(keys: readonly string[]): Promise<void>;
}

/** A message that is a command. */
export interface HeardCommand {
  readonly threadId: ThreadId;
  readonly keys: readonly string[];
  /** It changes nothing: it is run even while nobody can tell whether it was run before. */
  readonly isHarmless: boolean;
  /** Throws when a repeated delivery must run it. */
  run(): Promise<void>;
  /** Says that nobody knows how far it came. */
  interrupted(): Promise<void>;
}

/** What was begun and not ended. */
export const interruptedWords =
  'I was interrupted while I did that, and do not know how far I came. Look before you say it again.';

const waitsMs = [50, 100, 200, 400, 800];
const mostRemembered = 5000;

/** Runs each message that is a command once, however often and to whichever replica it is delivered. */
export function createHeardOnce(claims: CommandClaims): (heard: HeardCommand) => Promise<void> {
  const here = new Map<string, Promise<void>>();

  async function claimOf({ threadId, keys, isHarmless }: HeardCommand): Promise<Claim> {
    try {
      return await claims.claim(threadId, keys);
    } catch (error) {
      if (isHarmless && error instanceof UnavailableError) return 'first';
      throw error;
    }
  }

  async function begin(heard: HeardCommand): Promise<void> {
    for (const waitMs of waitsMs) {
      const claim = await claimOf(heard);
      if (claim === 'over') return;
      if (claim !== 'under_way') return await runClaimed(heard, claim);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
    throw new UnavailableError('This command is being run already.');
  }

  async function runClaimed(heard: HeardCommand, claim: 'first' | 'interrupted'): Promise<void> {
    try {
      await (claim === 'first' ? heard.run() : heard.interrupted());
    } catch (error) {
      await claims.release(heard.keys).catch(() => undefined);
      throw error;
    }
    await claims.done(heard.keys).catch(() => undefined);
  }

  return async (heard) => {
    const known = heard.keys.map((key) => here.get(key)).find((found) => found !== undefined);
    if (known !== undefined) return await known;
    const running = begin(heard);
    for (const key of heard.keys) here.set(key, running);
    for (const key of here.keys()) {
      if (here.size <= mostRemembered) break;
      here.delete(key);
    }
    running.catch(() => {
      for (const key of heard.keys) here.delete(key);
    });
    await running;
  };
}
