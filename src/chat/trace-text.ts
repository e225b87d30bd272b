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

function tableOf({ layers, skipped = [], spans, more = 0, failed = [], calls: made = [] }: Trace): string {
  const ended = made.filter(([, , , , error]) => error === 'ended');
  const hasEnded = (around: number, atMs: number) =>
    ended.some(([onion, , from, ms]) => onion === around && from <= atMs && atMs <= from + ms);
  const lines = spans.slice(0, mostLines).map(([layer, onion, atMs, inMs, outMs, calls], at) => {
    const [type = '?', priority = 0] = layers[layer] ?? [];
    const alone = hasEnded(onion, atMs) ? 'ended the turn' : 'answered itself';
    const times = calls === 1 ? '' : calls === 0 ? alone : `${calls} times`;
    const inside = failed.includes(at) ? [times, 'ended with an error'].filter(Boolean).join(', ') : times;
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
  const lines = made.slice(0, mostLines).map(([onion, name, atMs, ms, error, input, output]) => {
    const tokens = onion === 1 && error === '' ? `${input} in, ${output} out` : '';
    return `| ${atMs} ms | ${onionNames[onion]} | ${name} | ${ms} ms | ${tokens} | ${error} |`;
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
