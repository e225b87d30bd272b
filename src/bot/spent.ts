import { type Charge, type Spent, sumCharges } from '../agent/cost.ts';
import type { Cost, Usage } from '../agent/provider.ts';
import type { ModelStep, Step } from '../agent/steps.ts';
import type { Lost } from '../agent/think.ts';
import type { TurnUsage } from '../chat/bot.ts';
import type { Principal } from '../chat/inbound.ts';
import type { UsageRecord } from './port.ts';

/**
 * What a model step is charged for. A vendor that counted nothing leaves a charge of nothing, its cost unknown;
 * words of a middleware are of no model, and free.
 */
export function chargesOf({ charges, model, usage }: ModelStep): readonly Charge[] {
  if (model === '') return [];
  return charges?.filter((charge) => charge.model !== '') ?? [{ model, usage }];
}

/** Charges as they are stored; the time of the call counts once. */
export function chargeRecords(
  charges: readonly Charge[],
  principal: Principal,
  durationMs: number,
): readonly UsageRecord[] {
  return charges.map((charge, at) => ({ ...charge, principal, durationMs: at === 0 ? durationMs : 0 }));
}

/** What failed calls are charged for. */
export function lostRecords(lost: readonly Lost[], principal: Principal): readonly UsageRecord[] {
  return lost.flatMap(({ charges, durationMs }) => chargeRecords(charges, principal, durationMs));
}

/** What a turn has used. Undefined: no model was called. */
export function spentOf(steps: readonly Step[], lost: readonly Lost[]): Spent | undefined {
  const ofSteps = steps.flatMap((step) => (step.type === 'model' ? chargesOf(step) : []));
  const charges = [...ofSteps, ...lost.flatMap((one) => one.charges)];
  return charges.length === 0 ? undefined : sumCharges(charges);
}

const inEnglish = new Intl.NumberFormat('en');

/** Tokens and cost for people, as parts of a footer. */
export function spentWords({ usage, cost }: Spent): readonly string[] {
  const tokens = usage.input + usage.output;
  if (tokens === 0) return [];
  return [`${inEnglish.format(tokens)} tokens`, costWords(cost)];
}

const smallest = 0.0001;

/** A cost for people: `$0.0123`, `<$0.0001`, `at least $0.12`, `cost unknown`. */
export function costWords(cost: Cost | undefined): string {
  if (cost === undefined) return 'cost unknown';
  if (cost.isWhole) return dollars(cost.usd);
  return cost.usd < smallest ? 'cost unknown' : `at least ${dollars(cost.usd)}`;
}

function dollars(usd: number): string {
  if (usd === 0) return '$0';
  if (usd < smallest) return `<$${smallest}`;
  return `$${usd.toFixed(usd < 1 ? 4 : 2)}`;
}

/** What a turn has used, as people and programs see it. */
export function usageView({ usage, cost }: Spent): TurnUsage {
  return { ...tokensOf(usage), costUsd: cost?.usd ?? null, costIsWhole: cost?.isWhole ?? false };
}

function tokensOf({ input, output, cacheRead, cacheWrite, reasoning }: Usage) {
  return { input, output, cacheRead, cacheWrite, reasoning };
}
