import { clipped } from '../../src/chat/clipped.ts';
import type { Json } from '../../src/chat/json.ts';
import type { LiveEvent, PlanStep } from '../../src/chat/live.ts';
import { safeProse } from './safe-text.ts';

/** A tool call as a preview shows it. */
export interface Task {
  readonly id: string;
  readonly line: string;
}

const icons = { runs: '⏳', done: '✅', failed: '❌' } as const;

/** What an event tells of a tool call, in one line. */
export function taskOf(
  event: Extract<LiveEvent, { readonly type: 'tool_start' | 'tool_progress' | 'tool_end' }>,
): Task {
  const tool = clipped(event.tool, 100);
  switch (event.type) {
    case 'tool_start':
      return { id: event.callId, line: `${icons.runs} ${tool}` };
    case 'tool_progress':
      return { id: event.callId, line: `${icons.runs} ${tool}: ${clipped(oneLine(event.text), 100)}` };
    case 'tool_end': {
      const output = clipped(oneLine(event.summary.split('\n')[0] ?? ''), 100);
      const icon = event.ok ? icons.done : icons.failed;
      return { id: event.callId, line: output === '' ? `${icon} ${tool}` : `${icon} ${tool}: ${output}` };
    }
    default:
      return event satisfies never;
  }
}

function oneLine(text: string): string {
  return safeProse(text.replaceAll(/\s+/g, ' ').trim());
}

/** Teams takes 1,000 characters and 1 KB of an informative line. */
export function informative(tasks: readonly Task[], busy: string): string {
  return clipped(busy === '' ? (tasks.at(-1)?.line ?? 'Thinking…') : sentence(busy), 300);
}

/** `is checking the answer…` as a line of its own. */
function sentence(busy: string): string {
  const words = oneLine(busy.replace(/^is /, ''));
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`;
}

const longest = 16_000;
const tasksShown = 10;

const signs = { pending: '⬜', in_progress: '⏳', completed: '✅' } as const;
const stepsShown = 20;

/** A plan, a step in a line. */
function planLines(steps: readonly PlanStep[]): readonly string[] {
  const lines = steps
    .slice(0, stepsShown)
    .map(({ text, status }) => `${signs[status]} ${clipped(oneLine(text), 150)}`);
  const left = steps.length - lines.length;
  return left === 0 ? lines : [...lines, `… and ${left} more`];
}

export interface Shown {
  readonly text: string;
  readonly tasks: readonly Task[];
  readonly steps: readonly PlanStep[];
  readonly busy: string;
}

/** The plan and the tools, and below them the end of a long text. */
export function wholeOf({ text, tasks, steps, busy }: Shown): Json {
  const shown = safeProse(text.length > longest ? `… ${text.slice(-longest)}` : text);
  const lines = [
    ...planLines(steps),
    ...tasks.slice(-tasksShown).map(({ line }) => line),
    ...(busy === '' || steps.length > 0 ? [] : [sentence(busy)]),
  ];
  const parts = [lines.join('\n\n'), shown.trim() === '' ? '' : shown].filter((part) => part !== '');
  return { type: 'message', textFormat: 'markdown', text: parts.length === 0 ? '…' : parts.join('\n\n') };
}
