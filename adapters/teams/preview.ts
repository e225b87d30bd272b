import type { PreviewTarget } from '../../src/chat/adapter.ts';
import type { LiveEvent, Preview } from '../../src/chat/live.ts';
import { within } from '../../src/chat/within.ts';
import type { Clock, Log } from '../../src/observe/port.ts';
import type { TeamsApi } from './api.ts';
import { TeamsCallError } from './call-error.ts';
import type { Pace } from './pace.ts';
import { isPersonal } from './personal.ts';
import { createCanvas } from './preview-canvas.ts';
import { isHopeless } from './refused.ts';
import type { Streams } from './streams.ts';
import { decodeThreadId } from './thread-id.ts';

export interface PreviewOptions {
  readonly api: TeamsApi;
  readonly streams: Streams;
  readonly pace: Pace;
  readonly clock: Clock;
  readonly log: Log;
  /** Hears of each tool that ran for a turn. */
  readonly ran: (turnId: string, tool: string) => void;
  /** The person pressed Stop below the stream. Never throws. */
  readonly stop: (target: PreviewTarget) => void;
  /** Draws the questions of a turn that goes on; resolves to whether any is still open. */
  readonly redraw?: (target: PreviewTarget) => Promise<boolean>;
  /** A stream is ended before Teams ends it after two minutes. */
  readonly streamMs?: number;
  /** How long to wait for more before the first message is made. */
  readonly firstMs?: number;
}

const drainMs = 4000;
/** Teams shows a typing sign for some seconds. */
const typingEveryMs = 4000;
/** A stream that no reply ended in this time is ended as it is. */
const leftOpenMs = 15_000;

/**
 * Shows a running turn: typing at once; then in personal chats a stream, for as long as Teams streams, and
 * elsewhere or afterwards one message that is replaced as a whole. The final reply takes its place.
 */
export function openPreview(target: PreviewTarget, options: PreviewOptions): Preview {
  const place = decodeThreadId(target.threadId);
  if (place === undefined) return { show() {}, async close() {} };
  const { api, pace, log, firstMs = 700 } = options;
  const { tenant } = place;
  const canvas = createCanvas({
    ...options,
    ...{ target, place, isPersonal: isPersonal(place.id), cancelled: () => options.stop(target) },
  });
  let work: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  let isFirst = target.ref === undefined;
  let stillOpen = Promise.resolve(false);
  pace.enter(tenant);

  const type = () => void api.attempt((call) => call.send(place, { type: 'typing' }));
  const pulse = setInterval(() => {
    if (!canvas.isStreaming()) type();
    if (canvas.hasNews()) later(0);
  }, typingEveryMs).unref();

  function later(ms: number): void {
    if (isOver || timer !== undefined) return;
    timer = setTimeout(
      () => {
        timer = undefined;
        work = work.then(flush);
      },
      Math.max(ms, canvas.waitMs()),
    );
    timer.unref();
  }

  const gatherMs = () => (isFirst ? firstMs : pace.gatherMs(tenant, canvas.mode()));

  async function flush(): Promise<void> {
    if (isOver || !canvas.hasNews()) return;
    try {
      await canvas.send();
      isFirst = false;
    } catch (error) {
      if (!(error instanceof TeamsCallError))
        log.warn('teams_preview_failed', { turn_id: target.turnId, error });
      if (isHopeless(error)) end();
      else later(waitOf(error));
      return;
    }
    if (canvas.hasNews()) later(gatherMs());
  }

  function show(event: LiveEvent): void {
    if (event.type === 'started') {
      type();
      if (event.activation !== 'start' && options.redraw !== undefined) stillOpen = options.redraw(target);
    }
    if (event.type === 'tool_end') options.ran(target.turnId, event.tool);
    canvas.note(event);
    if (canvas.hasNews()) later(gatherMs());
  }

  function end(): void {
    clearTimeout(timer);
    clearInterval(pulse);
    timer = undefined;
    isOver = true;
  }

  return {
    show,
    async drain() {
      end();
      await within(drainMs, work);
    },
    async close() {
      end();
      await within(drainMs, work);
      pace.leave(tenant);
      // The reply ends the stream. Where none comes, it must not stay open.
      if (canvas.isStreaming())
        setTimeout(() => void api.attempt(async () => await canvas.finish()), leftOpenMs).unref();
      // The end of the turn closes what nobody decided.
      void stillOpen.then((isOpen) => (isOpen ? options.redraw?.(target) : undefined));
    },
  };
}

function waitOf(error: unknown): number {
  return error instanceof TeamsCallError ? (error.retryAfterMs ?? 1500) : 1500;
}
