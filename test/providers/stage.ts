import { afterEach, beforeEach } from 'vitest';
import type { Provider } from '../../src/agent/provider.ts';
import { type ResilientOptions, resilient } from '../../src/providers/resilient.ts';
import { type StrictLlm, startStrictLlm } from '../fakes/llm/server.ts';
import type { Subject } from './subjects.ts';

/** A subject in front of a strict server that is new for every test. */
export interface Stage {
  readonly subject: Subject;
  llm(): StrictLlm;
  /** How long the provider waited between its tries, in milliseconds; nothing really waits. */
  readonly waits: readonly number[];
  /** The subject's provider on that server. */
  open(options?: ResilientOptions): Promise<Provider>;
}

/** Sets the stage for the tests of the `describe` around it. */
export function useStage(subject: Subject): Stage {
  let llm: StrictLlm;
  const waits: number[] = [];
  beforeEach(async () => {
    waits.length = 0;
    llm = await startStrictLlm({ apiKey: subject.apiKey });
  });
  afterEach(() => llm.close());
  const sleep = async (ms: number) => waits.push(ms);
  const calm = { idleMs: 2_000, firstEventMs: 2_000, sleep, random: () => 0 };
  return {
    subject,
    llm: () => llm,
    waits,
    open: async (options = {}) => resilient(await subject.open(llm.url), { ...calm, ...options }),
  };
}
