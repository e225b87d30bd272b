import { isDeepStrictEqual } from 'node:util';
import type { MessageRef, PreviewTarget } from '../../src/chat/adapter.ts';
import { at, type Json, records, textOf } from '../../src/chat/json.ts';
import type { LiveEvent, PlanStep } from '../../src/chat/live.ts';
import type { Clock } from '../../src/observe/port.ts';
import type { SlackApi } from './api.ts';
import { isCode, SlackCallError } from './call-error.ts';
import { limits } from './limits.ts';
import type { Pace } from './pace.ts';
import { isEmpty, planTitle, stepTasks, type Task, taskOf, wholeOf } from './preview-look.ts';
import { harmless, safeLength } from './safe-text.ts';
import { type SlackThread, userOf } from './thread-id.ts';

export interface CanvasOptions {
  readonly api: SlackApi;
  readonly pace: Pace;
  readonly clock: Clock;
  readonly target: PreviewTarget;
  readonly place: SlackThread;
  readonly streamMs?: number;
}

/** The message of a preview: what it should show, and what it shows so far. */
export interface Canvas {
  note(event: LiveEvent): void;
  hasNews(): boolean;
  mode(): 'stream' | 'update';
  /** Brings what is new to Slack. Throws `SlackCallError`. */
  send(): Promise<void>;
  /** Ends the stream, so that the message can be replaced. */
  finish(): Promise<void>;
}

const eventType = 'ai_ops_preview';

export function createCanvas(options: CanvasOptions): Canvas {
  const { api, pace, clock, target, place, streamMs = 270_000 } = options;
  const tasks = new Map<string, Task>();
  const newTasks = new Map<string, Task>();
  /** What the turn has set itself, and how it is drawn. */
  let steps: readonly PlanStep[] = [];
  let stepsDrawn: readonly Task[] = [];
  let text = '';
  let sent = 0;
  let plan = '';
  let { ref } = target;
  let isStale = false;
  let streamSince: number | undefined;
  let mayBeOrphan = false;
  let isBegun = ref !== undefined;
  let restarts = 0;
  let mode: 'stream' | 'update' = ref === undefined ? 'stream' : 'update';
  const call = (method: string, args: Json) => api.call(place.team, method, args, { patienceMs: 1000 });

  function note(event: LiveEvent): void {
    switch (event.type) {
      case 'started':
        mayBeOrphan = event.activation === 'take-over';
        return;
      case 'text':
        text += event.text;
        isStale = true;
        return;
      case 'restart':
        text = '';
        isStale = true;
        restarts += 1;
        if (isBegun) mode = 'update';
        return;
      case 'tool_start':
      case 'tool_progress':
      case 'tool_end':
        return setTask(taskOf(event));
      case 'plan':
        return setPlan(event.steps);
      case 'reasoning':
      case 'status':
        return;
      default:
        event satisfies never;
    }
  }

  function setPlan(now: readonly PlanStep[]): void {
    const before = stepsDrawn;
    [steps, stepsDrawn] = [now, stepTasks(now, before)];
    for (const [at, task] of stepsDrawn.entries())
      if (!isDeepStrictEqual(task, before[at])) newTasks.set(task.id, task);
    isStale = true;
  }

  function setTask(task: Task): void {
    tasks.set(task.id, task);
    newTasks.set(task.id, task);
    isStale = true;
  }

  /** What was sent of a task, unless there is news of it. */
  function forget(task: Task): void {
    if (newTasks.get(task.id) === task) newTasks.delete(task.id);
  }

  async function send(): Promise<void> {
    isBegun = true;
    if (ref === undefined) ref = await begin();
    if (mode === 'stream' && isWornOut()) await leaveStream();
    if (mode === 'stream') await append(ref).catch(rollOver);
    if (mode === 'update') await replace(ref);
  }

  /** Makes the message, and has it stored before anything else follows. */
  async function begin(): Promise<MessageRef> {
    const made = (mayBeOrphan ? await orphan() : undefined) ?? (await start()) ?? (await post());
    await target.remember(made);
    return made;
  }

  async function start(): Promise<MessageRef | undefined> {
    const recipient = target.asker === undefined ? undefined : userOf(target.asker.principal);
    if (mode === 'update' || !pace.mayStream(place.team)) return undefined;
    const to =
      recipient === undefined ? {} : { recipient_team_id: recipient.team, recipient_user_id: recipient.user };
    try {
      const made = await call('chat.startStream', {
        channel: place.channel,
        thread_ts: place.ts,
        task_display_mode: 'plan',
        ...to,
      });
      streamSince = clock.now();
      return { team: place.team, channel: place.channel, ts: textOf(made.ts) };
    } catch (error) {
      if (!(error instanceof SlackCallError) || !error.isRefused) throw error;
      return undefined;
    }
  }

  async function post(): Promise<MessageRef> {
    mode = 'update';
    const metadata = { event_type: eventType, event_payload: { turn: target.turnId } };
    const made = await call('chat.postMessage', {
      channel: place.channel,
      thread_ts: place.ts,
      text: '…',
      metadata,
    });
    return { team: place.team, channel: place.channel, ts: textOf(made.ts) };
  }

  /** The message that a process made which ended before it could say so. */
  async function orphan(): Promise<MessageRef | undefined> {
    const page = await call('conversations.replies', {
      channel: place.channel,
      ts: place.ts,
      limit: 200,
      include_all_metadata: true,
    });
    const own = records(page.messages).findLast(
      (message) => message.bot_id !== undefined && (isPreview(message) || isEmpty(message)),
    );
    if (own === undefined) return undefined;
    mode = 'update';
    return { team: place.team, channel: place.channel, ts: textOf(own.ts) };
  }

  function isPreview(message: Json): boolean {
    return (
      at(message, 'metadata', 'event_type') === eventType &&
      at(message, 'metadata', 'event_payload', 'turn') === target.turnId
    );
  }

  function isWornOut(): boolean {
    const age = streamSince === undefined ? 0 : clock.now() - streamSince;
    return age > streamMs || text.length > limits.stream;
  }

  async function append({ ts }: MessageRef): Promise<void> {
    const until = sent + safeLength(text.slice(sent));
    const chunks = chunksUntil(until);
    if (chunks.length === 0) {
      isStale = false;
      return;
    }
    const [told, before, title] = [[...newTasks.values()], restarts, titleNow()];
    await call('chat.appendStream', { channel: place.channel, ts, chunks });
    told.forEach(forget);
    plan = title;
    if (restarts !== before) return;
    sent = until;
    isStale = sent < text.length || newTasks.size > 0;
  }

  const titleNow = () => planTitle([...tasks.values()], steps);

  function chunksUntil(until: number): readonly Json[] {
    const title = titleNow();
    const fresh = harmless(text.slice(sent, until));
    return [
      ...(title === plan ? [] : [{ type: 'plan_update', title }]),
      ...[...newTasks.values()].map((task) => ({ type: 'task_update', ...task })),
      ...(fresh === '' ? [] : [{ type: 'markdown_text', text: fresh }]),
    ];
  }

  /** Whatever became of the stream and of the last piece: from now on the whole text stands in its place. */
  async function rollOver(error: unknown): Promise<void> {
    if (!(error instanceof SlackCallError) || isCode(error, 'ratelimited', 'token_refused')) throw error;
    await leaveStream();
  }

  async function leaveStream(): Promise<void> {
    mode = 'update';
    streamSince = undefined;
    if (ref !== undefined)
      await api.attempt(place.team, 'chat.stopStream', { channel: place.channel, ts: ref.ts });
  }

  const wholeNow = () => wholeOf(text, [...tasks.values()], stepsDrawn.slice(0, steps.length));

  async function replace({ ts }: MessageRef): Promise<void> {
    const [shown, told] = [text, [...newTasks.values()]];
    try {
      await call('chat.update', { channel: place.channel, ts, ...wholeNow() });
    } catch (error) {
      if (!isCode(error, 'streaming_state_conflict')) throw error;
      await leaveStream();
      await call('chat.update', { channel: place.channel, ts, ...wholeNow() });
    }
    told.forEach(forget);
    isStale = shown !== text || newTasks.size > 0;
  }

  async function finish(): Promise<void> {
    if (ref === undefined || mode === 'update' || streamSince === undefined) return;
    const chunks = chunksUntil(text.length);
    const end = { channel: place.channel, ts: ref.ts, ...(chunks.length === 0 ? {} : { chunks }) };
    await api.attempt(place.team, 'chat.stopStream', end);
    streamSince = undefined;
  }

  return { note, hasNews: () => isStale, mode: () => mode, send, finish };
}
