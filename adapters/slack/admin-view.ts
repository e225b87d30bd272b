import type { AdminAnswer, Button } from '../../src/chat/admin/answer.ts';
import { clipped } from '../../src/chat/clipped.ts';
import { isRecord, type Json, textOf } from '../../src/chat/json.ts';
import { buttonsOf, drawList } from './admin-blocks.ts';
import { limits } from './limits.ts';
import { prose } from './mrkdwn.ts';

/** What a modal of administration remembers of itself: which line it shows. Nothing in it is believed. */
export interface ShownLine {
  readonly line: string;
}

const longestLine = 2000;

/** An answer of administration as a modal, for who pressed something where no message can be shown. */
export function answerView(
  answer: AdminAnswer,
  { line = '', back }: { readonly line?: string; readonly back?: string } = {},
): Json {
  return {
    type: 'modal',
    callback_id: 'admin_answer',
    private_metadata: JSON.stringify({ line: line.slice(0, longestLine) }),
    title: { type: 'plain_text', text: 'AI Ops' },
    close: { type: 'plain_text', text: 'Close' },
    blocks: blocksOf(answer, back),
  };
}

/** Modals hold neither tables nor charts: those are text. */
function blocksOf(answer: AdminAnswer, back: string | undefined): readonly Json[] {
  const more: readonly Button[] = back === undefined ? [] : [{ label: '← Back', line: back }];
  if (answer.type === 'list') return drawList({ ...answer, buttons: [...answer.buttons, ...more] }).blocks;
  const buttons = answer.type === 'form' ? [answer.button] : answer.buttons;
  return [...prose(answer.text).slice(0, limits.view - 1), ...buttonsOf([...buttons, ...more])];
}

/** The line whose answer a view shows; undefined where it shows none. */
export function lineIn(view: unknown): string | undefined {
  if (!isRecord(view) || view.callback_id !== 'admin_answer') return undefined;
  try {
    const read: unknown = JSON.parse(textOf(view.private_metadata));
    const line = isRecord(read) ? textOf(read.line) : '';
    return line === '' ? undefined : clipped(line, longestLine);
  } catch {
    return undefined;
  }
}
