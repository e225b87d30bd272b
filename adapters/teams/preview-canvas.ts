import type { MessageRef, PreviewTarget } from '../../src/chat/adapter.ts';
import { textOf } from '../../src/chat/json.ts';
import type { LiveEvent, PlanStep } from '../../src/chat/live.ts';
import type { Clock } from '../../src/observe/port.ts';
import type { TeamsApi } from './api.ts';
import { growingText } from './growing.ts';
import { informative, type Task, taskOf, wholeOf } from './preview-look.ts';
import { endStream, isCancelled, isOver, isStream, refOf, type Streams, streamChunk } from './streams.ts';
import type { Conversation } from './thread-id.ts';

export interface CanvasOptions {
  readonly api: TeamsApi;
  readonly streams: Streams;
  readonly clock: Clock;
  readonly target: PreviewTarget;
  readonly place: Conversation;
  /** Only one person writes there: the message is streamed. */
  readonly isPersonal: boolean;
  /** The person pressed Stop below the stream. */
  readonly cancelled: () => void;
  /** A stream is ended by the bot before Teams ends it after two minutes. */
  readonly streamMs?: number;
}

/** The message of a preview: what it should show, and what it shows so far. */
export interface Canvas {
  note(event: LiveEvent): void;
  hasNews(): boolean;
  mode(): 'stream' | 'update';
  /** How long the message must rest before the next request, in milliseconds. */
  waitMs(): number;
  /** Whether a stream of it is still open here. */
  isStreaming(): boolean;
  /** Brings some of what is new to Teams, by one request. Throws `TeamsCallError`. */
  send(): Promise<void>;
  /** Ends the stream where it is. */
  finish(): Promise<void>;
}

/** What is longer is better shown by its end. */
const longestStream = 30_000;
/** A stream is said again after so long, because only its requests tell that the person stopped it. */
const stillMs = 5000;
const patience = { patienceMs: 1000 };

export function createCanvas(options: CanvasOptions): Canvas {
  const { api, streams, clock, target, place, streamMs = 110_000 } = options;
  const tasks = new Map<string, Task>();
  let { ref } = target;
  let made: MessageRef | undefined;
  let mode: 'stream' | 'update' = options.isPersonal && ref === undefined ? 'stream' : 'update';
  /** Of an earlier activation, or of this one: it must end before its message can be changed. */
  let isOpen = isStream(ref);
  let since = 0;
  let sequence = 0;
  let text = '';
  let busy = '';
  let steps: readonly PlanStep[] = [];
  /** What went out last: as a text of the stream, as the whole. */
  let sent = { text: '', whole: '' };
  /** What events brought since they were last looked at. */
  let news = { text: false, line: false };
  /** What the stream shows is void: its text could only grow. */
  let isVoid = false;
  let isStopped = false;
  let lastAt = 0;

  function note(event: LiveEvent): void {
    switch (event.type) {
      case 'started':
      case 'reasoning':
        return;
      case 'status':
        busy = event.text;
        news = { ...news, line: true };
        return;
      case 'plan':
        steps = event.steps;
        news = { ...news, line: true };
        return;
      case 'text':
        text += event.text;
        busy = '';
        news = { ...news, text: true };
        return;
      case 'restart':
        text = '';
        isVoid = sent.text !== '';
        news = { ...news, text: true };
        return;
      case 'tool_start':
      case 'tool_progress':
      case 'tool_end':
        tasks.set(event.callId, taskOf(event));
        busy = '';
        news = { ...news, line: true };
        return;
      default:
        event satisfies never;
    }
  }

  const spotOf = (id: string) => ({ place, id });
  const line = () => informative([...tasks.values()], busy);
  const isEmpty = () => text === '' && tasks.size === 0 && busy === '' && steps.length === 0;

  function hasNews(): boolean {
    if (isStopped) return false;
    if (news.text || news.line) return ref !== undefined || !isEmpty();
    return mode === 'stream' && isOpen && clock.now() - lastAt > stillMs;
  }

  async function send(): Promise<void> {
    const told = news;
    news = { text: false, line: false };
    try {
      await sendNext(told);
    } catch (error) {
      news = { text: true, line: true };
      throw error;
    }
  }

  async function sendNext(told: typeof news): Promise<void> {
    if (ref === undefined) {
      await begin();
      news = { text: text !== '', line: news.line || mode === 'update' };
      return;
    }
    if (mode === 'stream' && mustLeave()) mode = 'update';
    if (mode === 'stream') return await grow(ref, told).catch(afterRefusal);
    if (!isOpen) return await replace(ref);
    await finish();
    news = { text: true, line: true };
  }

  /** Makes the message, and has it stored before any text follows. */
  async function begin(): Promise<void> {
    // It stays the same one, though it may take more than one attempt to store it.
    made ??= (await start()) ?? (await placeholder());
    await target.remember(made);
    ref = made;
  }

  async function start(): Promise<MessageRef | undefined> {
    if (mode !== 'stream') return undefined;
    try {
      const id = await api.send(place, streamChunk('informative', { sequence: 1, text: line() }), patience);
      [isOpen, since, lastAt, sequence] = [true, clock.now(), clock.now(), 1];
      streams.touched(spotOf(id));
      return refOf('stream', id);
    } catch (error) {
      if (!isOver(error)) throw error;
      mode = 'update';
      return undefined;
    }
  }

  async function placeholder(): Promise<MessageRef> {
    const id = await api.send(place, { type: 'message', textFormat: 'markdown', text: '…' }, patience);
    return refOf('message', id);
  }

  /** Its time is nearly over, it grew too long, or what it says is void. */
  function mustLeave(): boolean {
    return isVoid || clock.now() - since > streamMs || text.length > longestStream;
  }

  /** The text where there is more of it, else what the tools do; where neither is new, the same again. */
  async function grow({ id = '' }: MessageRef, told: typeof news): Promise<void> {
    const stable = growingText(text);
    const grown = stable.startsWith(sent.text) ? stable : sent.text;
    const isMore = grown !== sent.text;
    if (!isMore && !told.line && clock.now() - lastAt <= stillMs) return;
    if (isMore) await streams.note(spotOf(id), grown);
    if (isMore || (grown !== '' && !told.line)) {
      // Whatever becomes of the request, the text may stand there now.
      sent = { ...sent, text: grown };
      await chunk('streaming', id, grown);
      news = { ...news, line: news.line || told.line };
      return;
    }
    await chunk('informative', id, line());
  }

  async function chunk(kind: 'informative' | 'streaming', id: string, words: string): Promise<void> {
    sequence += 1;
    streams.touched(spotOf(id));
    await api.send(place, streamChunk(kind, { id, sequence, text: words }), patience);
    lastAt = clock.now();
  }

  async function afterRefusal(error: unknown): Promise<void> {
    if (isCancelled(error)) {
      isStopped = true;
      isOpen = false;
      streams.ended(spotOf(ref?.id ?? ''));
      return options.cancelled();
    }
    if (!isOver(error)) throw error;
    mode = 'update';
    news = { text: true, line: true };
  }

  async function finish(): Promise<void> {
    if (!isOpen || ref === undefined) return;
    const { id = '' } = ref;
    mode = 'update';
    streams.touched(spotOf(id));
    await endStream({ api, streams }, spotOf(id), patience);
    isOpen = false;
  }

  async function replace({ id = '' }: MessageRef): Promise<void> {
    const activity = wholeOf({ text, tasks: [...tasks.values()], steps, busy });
    const words = textOf(activity.text);
    if (words === sent.whole) return;
    await api.update(place, id, activity, patience);
    sent = { ...sent, whole: words };
  }

  return {
    note,
    hasNews,
    mode: () => mode,
    waitMs: () => (isOpen && ref?.id !== undefined ? streams.waitMs(spotOf(ref.id)) : 0),
    isStreaming: () => isOpen && ref !== undefined && !streams.isEnded(spotOf(ref.id ?? '')),
    send,
    finish,
  };
}
