import { clipped } from '../../src/chat/clipped.ts';
import { type Json, records, textOf } from '../../src/chat/json.ts';
import type { LiveEvent } from '../../src/chat/live.ts';
import { limits } from './limits.ts';
import { escaped, harmless } from './safe-text.ts';

/** A tool call as a preview shows it. */
export interface Task {
  readonly id: string;
  readonly title: string;
  readonly status: 'in_progress' | 'complete' | 'error';
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

/** What stands above the tasks; empty while there are none. */
export function planTitle(tasks: readonly Task[]): string {
  const running = tasks.filter(({ status }) => status === 'in_progress');
  const [first] = running;
  if (first !== undefined) return clipped(`Running ${first.title}${andMore(running.length - 1)}`, 150);
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

const icons: Readonly<Record<Task['status'], string>> = { in_progress: '⏳', complete: '✅', error: '❌' };

/** The end of a long text, and the tools above it. */
export function wholeOf(text: string, tasks: readonly Task[]): Json {
  const shown = harmless(text.length > limits.stream ? `… ${text.slice(-limits.stream + 100)}` : text);
  const lines = tasks
    .slice(-10)
    .map((task) => ({ type: 'mrkdwn', text: `${icons[task.status]} ${escaped(task.title)}` }));
  const blocks = [
    ...(lines.length === 0 ? [] : [{ type: 'context', elements: lines }]),
    ...(shown.trim() === '' ? [] : [{ type: 'markdown', text: shown }]),
  ];
  return { text: clipped(escaped(shown.trim() === '' ? '…' : shown), limits.text), blocks };
}
