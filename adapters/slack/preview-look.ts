import { clipped } from '../../src/chat/clipped.ts';
import { type Json, records, textOf } from '../../src/chat/json.ts';
import { type LiveEvent, type PlanStep, planHead } from '../../src/chat/live.ts';
import { limits } from './limits.ts';
import { escaped, harmless } from './safe-text.ts';

/** A tool call as a preview shows it. */
export interface Task {
  readonly id: string;
  readonly title: string;
  readonly status: 'pending' | 'in_progress' | 'complete' | 'error';
  readonly output?: string;
}

/** What an event tells of a tool call. */
export function taskOf(
  event: Extract<LiveEvent, { readonly type: 'tool_start' | 'tool_progress' | 'tool_end' }>,
): Task {
  const about = { id: event.callId, title: clipped(event.tool, 150) };
  switch (event.type) {
    case 'tool_start':
      return { ...about, status: 'in_progress' };
    case 'tool_progress':
      return { ...about, status: 'in_progress', output: clipped(harmless(event.text), 150) };
    case 'tool_end': {
      const output = clipped(harmless(event.summary.split('\n')[0] ?? ''), 150);
      return { ...about, status: event.ok ? 'complete' : 'error', output };
    }
    default:
      return event satisfies never;
  }
}

const standing = { pending: 'pending', in_progress: 'in_progress', completed: 'complete' } as const;

/** The steps of a plan as tasks; those of an earlier and longer plan are no longer to be done. */
export function stepTasks(steps: readonly PlanStep[], before: readonly Task[]): readonly Task[] {
  const now = steps.map(({ text, status }, at) => ({
    id: `plan-${at}`,
    title: clipped(harmless(text), 150),
    status: standing[status],
  }));
  const dropped = before.slice(now.length).map(({ id, title }) => ({
    ...{ id, title: title.startsWith(droppedMark) ? title : clipped(`${droppedMark}${title}`, 150) },
    status: 'complete' as const,
  }));
  return [...now, ...dropped];
}

const droppedMark = 'No longer planned: ';

/** What stands above the tasks; empty while there are none. The plan says more than how many tools ran. */
export function planTitle(tasks: readonly Task[], steps: readonly PlanStep[]): string {
  const running = tasks.filter(({ status }) => status === 'in_progress');
  const [first] = running;
  if (first !== undefined) return clipped(`Running ${first.title}${andMore(running.length - 1)}`, 150);
  if (steps.length > 0) return planHead(steps);
  return tasks.length === 0 ? '' : `Used ${tasks.length === 1 ? 'one tool' : `${tasks.length} tools`}`;
}

function andMore(count: number): string {
  return count === 0 ? '' : ` and ${count} more`;
}

/** A message in which nothing stands yet. */
export function isEmpty(message: Json): boolean {
  const hasNothing = textOf(message.text) === '' && records(message.blocks).length === 0;
  return hasNothing && message.metadata === undefined && records(message.files).length === 0;
}

const icons: Readonly<Record<Task['status'], string>> = {
  pending: '⬜',
  in_progress: '⏳',
  complete: '✅',
  error: '❌',
};

const linesInContext = 10;
/** A section holds 3,000 characters. */
const longestPlan = 2900;

function lineOf({ status, title }: Task): string {
  return `${icons[status]} ${escaped(title)}`;
}

/** The end of a long text, and above it the plan and the tools. */
export function wholeOf(text: string, tasks: readonly Task[], steps: readonly Task[]): Json {
  const shown = harmless(text.length > limits.stream ? `… ${text.slice(-limits.stream + 100)}` : text);
  const planned = clipped(steps.map(lineOf).join('\n'), longestPlan);
  const lines = tasks.slice(-linesInContext).map((task) => ({ type: 'mrkdwn', text: lineOf(task) }));
  const blocks = [
    ...(steps.length === 0 ? [] : [{ type: 'section', text: { type: 'mrkdwn', text: planned } }]),
    ...(lines.length === 0 ? [] : [{ type: 'context', elements: lines }]),
    ...(shown.trim() === '' ? [] : [{ type: 'markdown', text: shown }]),
  ];
  return { text: clipped(escaped(shown.trim() === '' ? '…' : shown), limits.text), blocks };
}
