import { toolOf } from '../agent/indirect.ts';
import type { ResultStep, Step } from '../agent/steps.ts';
import { investigationParts } from '../chat/investigation-parts.ts';
import type { TurnRow } from '../inbox/port.ts';
import { ownNames } from './toolset.ts';

/**
 * What an investigation rests on, by its stored steps rather than by its own words: which tools gave something,
 * which did not, and which part of its ending the model left out. Nothing for other turns.
 */
export function lookedAt(
  { readsOnly }: Pick<TurnRow, 'readsOnly'>,
  steps: readonly Step[],
): readonly string[] {
  if (readsOnly !== true || !steps.some((step) => step.type === 'model' && step.model !== '')) return [];
  const results = steps
    .filter((step) => step.type === 'result')
    .filter((step) => !ownNames.has(nameOf(step)));
  const failed = results.filter((step) => step.message.isError);
  const lines = [
    `Tools that gave something: ${namesOf(results.filter((step) => !step.message.isError))}.`,
    `Tools that failed or were not run: ${namesOf(failed)}.`,
    ...missing(steps),
  ];
  return [lines.map((line) => `_${line}_`).join('\n')];
}

function nameOf({ message }: ResultStep): string {
  return toolOf(message);
}

/** By how often, in the order in which they came. */
function namesOf(results: readonly ResultStep[]): string {
  const counts = new Map<string, number>();
  for (const result of results) counts.set(nameOf(result), (counts.get(nameOf(result)) ?? 0) + 1);
  if (counts.size === 0) return 'none';
  return [...counts].map(([name, count]) => `\`${name}\`${count === 1 ? '' : ` (${count})`}`).join(', ');
}

function missing(steps: readonly Step[]): readonly string[] {
  const last = steps.findLast((step) => step.type === 'model');
  const text = last?.type === 'model' ? last.message.text.toLowerCase() : '';
  const absent = investigationParts.filter(({ name }) => !text.includes(name.toLowerCase()));
  return absent.length === 0 ? [] : [`The model left out: ${absent.map(({ name }) => name).join(', ')}.`];
}
