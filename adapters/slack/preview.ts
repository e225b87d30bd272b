import type { PreviewTarget } from '../../src/chat/adapter.ts';
import type { LiveEvent, Preview } from '../../src/chat/live.ts';
import { within } from '../../src/chat/within.ts';
import type { Clock, Log } from '../../src/observe/port.ts';
import type { SlackApi } from './api.ts';
import { isCode, SlackCallError } from './call-error.ts';
import type { Pace } from './pace.ts';
import { createCanvas } from './preview-canvas.ts';
import { createStatusLine } from './status-line.ts';
import { decodeThreadId } from './thread-id.ts';

export interface PreviewOptions {
  readonly api: SlackApi;
  readonly pace: Pace;
  readonly clock: Clock;
  readonly log: Log;
  /** Hears of each tool that ran for a turn. */
  readonly ran: (turnId: string, tool: string) => void;
  /** Draws the questions of a turn that goes on; resolves to whether any is still open. */
  readonly redraw?: (target: PreviewTarget) => Promise<boolean>;
  /** A stream is ended before Slack ends it after five minutes. */
  readonly streamMs?: number;
}

const drainMs = 4000;

/**
 * Shows a running turn in one message of its thread: streamed while Slack streams, and afterwards, or where
 * it cannot be streamed, replaced as a whole. The final reply takes that message's place.
 */
export function openPreview(target: PreviewTarget, options: PreviewOptions): Preview {
  const place = decodeThreadId(target.threadId);
  if (place === undefined) return { show() {}, async close() {} };
  const { api, pace, log } = options;
  const canvas = createCanvas({ ...options, target, place });
  const status = createStatusLine(api, place);
  let work: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  let stillOpen = Promise.resolve(false);
  pace.enter(place.team);

  function later(ms: number): void {
    if (isOver || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      work = work.then(flush);
    }, ms);
    timer.unref();
  }

  async function flush(): Promise<void> {
    if (isOver || !canvas.hasNews()) return;
    try {
      await canvas.send();
      status.covered();
    } catch (error) {
      if (!(error instanceof SlackCallError))
        log.warn('slack_preview_failed', { turn_id: target.turnId, error });
      if (!isHopeless(error)) later(waitOf(error));
      return;
    }
    if (canvas.hasNews()) later(pace.gatherMs(place?.team ?? '', canvas.mode()));
  }

  function show(event: LiveEvent): void {
    if (event.type === 'started') status.begin(event.activation === 'resume' ? 'goes on…' : 'is thinking…');
    if (event.type === 'started' && event.activation !== 'start' && options.redraw !== undefined)
      stillOpen = options.redraw(target);
    if (event.type === 'tool_end') options.ran(target.turnId, event.tool);
    if (event.type === 'status') status.set(event.text);
    if (event.type === 'tool_start') status.set(`is running ${event.tool}…`);
    canvas.note(event);
    if (canvas.hasNews()) later(pace.gatherMs(place?.team ?? '', canvas.mode()));
  }

  async function end(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    isOver = true;
    await work;
  }

  return {
    show,
    async drain() {
      await end();
      await within(drainMs, canvas.finish());
    },
    async close() {
      await end();
      pace.leave(place.team);
      await status.end();
      // The end of the turn closes what nobody decided.
      void stillOpen.then((isOpen) => (isOpen ? options.redraw?.(target) : undefined));
    },
  };
}

/** Nothing that is tried again would help. */
function isHopeless(error: unknown): boolean {
  return (
    !(error instanceof SlackCallError) || isCode(error, 'channel_not_found', 'is_archived', 'not_in_channel')
  );
}

function waitOf(error: unknown): number {
  return error instanceof SlackCallError ? (error.retryAfterMs ?? 1500) : 1500;
}
