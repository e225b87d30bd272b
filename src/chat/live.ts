/**
 * What happens while a turn runs. A live stream shows it as a preview of the final reply; nothing
 * here is the answer itself, and losing any of it loses nothing.
 */
export type LiveEvent =
  | { readonly type: 'started'; readonly activation: 'start' | 'resume' | 'take-over' }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string }
  /** What the turn is busy with, where nothing of it is shown yet: `is checking the answer…`. */
  | { readonly type: 'status'; readonly text: string }
  /** The steps that the turn has set itself, as they stand now; all of them each time. */
  | { readonly type: 'plan'; readonly steps: readonly PlanStep[] }
  /** All text shown so far is void; the reply begins again. */
  | { readonly type: 'restart'; readonly reason: string }
  | {
      readonly type: 'tool_start';
      readonly callId: string;
      readonly tool: string;
      readonly arguments: string;
    }
  /** A call that takes long says how far it is, such as `3/10 copying`. */
  | {
      readonly type: 'tool_progress';
      readonly callId: string;
      readonly tool: string;
      readonly text: string;
    }
  | {
      readonly type: 'tool_end';
      readonly callId: string;
      readonly tool: string;
      readonly ok: boolean;
      readonly durationMs: number;
      /** The first characters of the result, for people. */
      readonly summary: string;
    };

/** A preview of one activation of a turn. Its methods never throw, and `show` never waits for the platform. */
export interface Preview {
  show(event: LiveEvent): void;
  /**
   * Before the reply is stored: resolves when everything shown has been sent or given up, so that the
   * message that carries the preview is known. Absent where no message carries it.
   */
  drain?(): Promise<void>;
  /** After the reply is stored, or when this process gives up the turn. */
  close(): Promise<void>;
}

/** One step of a plan; the words are the model's. */
export interface PlanStep {
  readonly text: string;
  readonly status: 'pending' | 'in_progress' | 'completed';
}

/** `2 of 5 steps done`. */
export function planHead(steps: readonly PlanStep[]): string {
  const done = steps.filter(({ status }) => status === 'completed').length;
  return `${done} of ${steps.length} step${steps.length === 1 ? '' : 's'} done`;
}
