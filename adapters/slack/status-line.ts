import type { SlackApi } from './api.ts';
import type { SlackThread } from './thread-id.ts';

/** The line below a thread that says what the bot is doing, and the state of the thread's agent session. */
export interface StatusLine {
  begin(words: string): void;
  set(words: string): void;
  /** A message stands there now: the line is not needed any more. */
  covered(): void;
  end(): Promise<void>;
}

/** Slack forgets a status after two minutes. */
const refreshMs = 90_000;
const loading = [
  'Reading the question…',
  'Looking at what I know…',
  'Asking the tools…',
  'Putting it together…',
];

export function createStatusLine(api: SlackApi, { team, channel, ts }: SlackThread): StatusLine {
  const thread = { channel_id: channel, thread_ts: ts };
  let refresh: NodeJS.Timeout | undefined;
  let isCovered = false;
  let isShown = false;

  function say(status: string): void {
    isShown = true;
    void api.attempt(team, 'assistant.threads.setStatus', { ...thread, status, loading_messages: loading });
  }

  return {
    begin(words) {
      say(words);
      void api.attempt(team, 'agents.sessions.setStatus', { ...thread, status: 'processing' });
      refresh = setInterval(() => say(words), refreshMs).unref();
    },
    set(words) {
      if (!isCovered) say(words.slice(0, 100));
    },
    covered() {
      isCovered = true;
      isShown = false;
      clearInterval(refresh);
    },
    async end() {
      clearInterval(refresh);
      if (isShown) await api.attempt(team, 'assistant.threads.setStatus', { ...thread, status: '' });
    },
  };
}
