import type { Exchange } from '../agent/budget.ts';
import { speakerOf } from '../agent/indirect.ts';
import { type Step, stepMessages } from '../agent/steps.ts';
import type { Tool } from '../agent/tool.ts';

/** What a turn's model reads. */
export interface Heard {
  readonly steps: readonly Step[];
  /** Earlier exchanges of the session, which the model reads again. */
  readonly history: readonly Exchange[];
}

/**
 * A tool whose results may hold the words of strangers and were read in this turn: any that is not
 * trusted, or is not known any more. Undefined when there is none.
 */
export function strangerHeard(tools: readonly Tool[], { steps, history }: Heard): string | undefined {
  const trusted = new Set(tools.filter((tool) => tool.isTrusted === true).map((tool) => tool.name));
  const ran = steps.filter((step) => step.type !== 'result' || step.ran || step.isCopy === true);
  const messages = [...history.flatMap((exchange) => exchange.messages), ...stepMessages(ran)];
  return messages
    .flatMap((item) => (item.role === 'tool' && item.isPersons !== true ? [speakerOf(item)] : []))
    .find((name) => !trusted.has(name));
}
