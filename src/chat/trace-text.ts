import type { Trace } from '../middleware/port.ts';

/** What a layer lay around. */
export const onionNames = ['turn', 'model call', 'tool call'] as const;

const mostLines = 60;

/** How the layers of a turn ran, as Markdown: a table for each activation, in the order in which they were entered. */
export function traceText(activations: readonly Trace[]): string {
  if (activations.length === 0) return 'No layer of this turn has been written down.';
  return activations
    .map((trace, at) => [headOf(at, activations.length), tableOf(trace)].join('\n\n'))
    .join('\n\n');
}

function headOf(at: number, count: number): string {
  return count === 1 ? 'The layers that this turn went through:' : `Activation ${at + 1} of ${count}:`;
}

/** What became of a layer of a trace. */
export function layerEnd({ spans, failed = [], calls = [] }: Trace, at: number): LayerEnd | undefined {
  const [, around, atMs = 0, , , inside] = spans[at] ?? [];
  const hasFailed = failed.includes(at);
  if (inside !== 0) return hasFailed ? 'failed' : undefined;
  const hasEnded = calls.some(
    ([onion, , from, ms, error, , , by]) =>
      by === undefined && error === 'ended' && onion === around && from <= atMs && atMs <= from + ms,
  );
  // What goes through the layers of turns and tool calls unanswered ends the turn.
  if (hasEnded || (hasFailed && around !== 1)) return 'ended_turn';
  return hasFailed ? 'failed' : 'answered';
}

/** It did not go on inwards and gave an answer, or ended the turn; it ended with an error. */
export type LayerEnd = 'answered' | 'ended_turn' | 'failed';

const endWords: Readonly<Record<LayerEnd, string>> = {
  answered: 'answered itself',
  ended_turn: 'ended the turn',
  failed: 'ended with an error',
};

function tableOf(trace: Trace): string {
  const { layers, skipped = [], spans, more = 0, calls: made = [] } = trace;
  const lines = spans.slice(0, mostLines).map(([layer, onion, atMs, inMs, outMs, calls], at) => {
    const [type = '?', priority = 0] = layers[layer] ?? [];
    const end = layerEnd(trace, at);
    const words = [calls > 1 ? `${calls} times` : '', end === undefined ? '' : endWords[end]];
    const inside = words.filter((word) => word !== '').join(', ');
    return `| ${atMs} ms | ${onionNames[onion]} | ${priority} ${type} | ${msText(inMs)} | ${msText(outMs)} | ${inside} |`;
  });
  const left = spans.length - lines.length + more;
  return [
    '| at | around a | layer | on the way in | on the way out | inside |',
    '|---|---|---|---|---|---|',
    ...lines,
    ...(left === 0 ? [] : [`\nAnd ${left} more.`]),
    ...skipped.map(([type, why]) => `\n${type} was left out: ${why}`),
    ...(made.length === 0 ? [] : [`\n${callsOf(made)}`]),
  ].join('\n');
}

/** What the layers lay around. */
function callsOf(made: NonNullable<Trace['calls']>): string {
  const lines = made.slice(0, mostLines).map(([onion, name, atMs, ms, error, input, output, by]) => {
    const tokens = onion === 1 && error === '' ? `${input} in, ${output} out` : '';
    const whose = by === undefined ? name : `${name}, asked by ${by}`;
    return `| ${atMs} ms | ${onionNames[onion]} | ${whose} | ${ms} ms | ${tokens} | ${error} |`;
  });
  const left = made.length - lines.length;
  return [
    '| at | what | of | took | tokens | error |',
    '|---|---|---|---|---|---|',
    ...lines,
    ...(left === 0 ? [] : [`\nAnd ${left} more.`]),
  ].join('\n');
}

function msText(ms: number): string {
  return ms < 0 ? '' : `${ms} ms`;
}
