import type { AskerQuestion, TurnStatus } from '../../src/chat/bot.ts';
import type { Form } from '../../src/chat/form.ts';
import type { PlanStep } from '../../src/chat/live.ts';
import type {
  ApprovalDecision,
  ApprovalState,
  ConcernState,
  Effect,
  QuestionKind,
} from '../../src/chat/reply.ts';

/** An approval as clients see it. */
export interface ApprovalJson {
  readonly id: string;
  /** What it asks for: that the call may run, or something that only the asker can give. */
  readonly kind: QuestionKind;
  /** The server that asks, with every kind but `approval`. */
  readonly server?: string;
  readonly tool: string;
  readonly effect: Effect;
  readonly arguments: string;
  readonly note?: string;
  readonly asked_by: string;
  readonly state: ApprovalState;
  readonly expires_at: string;
  readonly decided_by?: string;
  readonly reason?: string;
  /** What may be said to whether a call may run; absent on the other kinds. */
  readonly allows?: readonly ApprovalDecision[];
  /** What ran, or will run, in place of `arguments`. */
  readonly edited_arguments?: string;
  /** What whoever denied it wrote in place of its result. */
  readonly response?: string;
}

/** Something that needs attention, and how it stands. */
export interface ConcernJson {
  readonly id: string;
  readonly state: ConcernState;
  /** Who acknowledged or snoozed it. */
  readonly by?: string;
  /** Until when it is snoozed. */
  readonly until?: string;
}

/** An approval as one caller sees it. */
export interface ApprovalViewJson extends ApprovalJson {
  /** Whether it is open and this caller may approve or answer it. */
  readonly may_decide: boolean;
  /** Only to the asker of what only they can give, and only where one approval is read. */
  readonly question?: AskerQuestion;
  /** The arguments as a form, only to who may edit them and where one approval is read. */
  readonly editing?: Form;
  readonly turn_id: string;
  /** Only where the thread is the caller's own: nobody else could use its short id. */
  readonly thread_id?: string;
}

/** Tokens and cost of a turn's model calls. Input includes the vendor's cache, output includes reasoning. */
export interface UsageJson {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_read_tokens: number;
  readonly cache_write_tokens: number;
  readonly reasoning_tokens: number;
  /** Null: unknown. */
  readonly cost_usd: number | null;
  /** False: it was more than that. */
  readonly cost_is_whole: boolean;
}

/** How a turn ended or paused; the answer of a chat request and the `final` event. */
export interface FinalJson {
  readonly response: string;
  readonly thread_id: string;
  readonly turn_id: string;
  readonly status: TurnStatus;
  /** Web pages that the turn's tools pointed to. */
  readonly sources?: readonly { readonly title: string; readonly url: string }[];
  readonly footer?: string;
  /** Absent where no model was called. */
  readonly usage?: UsageJson;
  /** Those that still wait for a decision; only while `status` is `waiting`. */
  readonly approval_ids?: readonly string[];
  /** The same in full: exactly what would run. */
  readonly approvals?: readonly ApprovalJson[];
  /** Only when the turn failed: a stable word for programs. */
  readonly code?: string;
}

/** An event of a chat stream, by its SSE name. `text` is a delta; `restart` voids all text before it. */
export type ChatEvent =
  | {
      readonly event: 'turn';
      readonly data: { readonly turn_id: string; readonly thread_id: string; readonly status: TurnStatus };
    }
  | { readonly event: 'text'; readonly data: { readonly turn_id: string; readonly text: string } }
  /** What the turn is busy with while nothing of it can be shown, such as `is checking the answer…`. */
  | { readonly event: 'status'; readonly data: { readonly turn_id: string; readonly text: string } }
  /** The steps that the turn has set itself, as they stand now; all of them each time. */
  | {
      readonly event: 'plan';
      readonly data: { readonly turn_id: string; readonly steps: readonly PlanStep[] };
    }
  | { readonly event: 'restart'; readonly data: { readonly turn_id: string; readonly reason: string } }
  | {
      readonly event: 'tool_start';
      readonly data: {
        readonly turn_id: string;
        readonly call_id: string;
        readonly tool: string;
        readonly arguments: string;
      };
    }
  | {
      readonly event: 'tool_progress';
      readonly data: {
        readonly turn_id: string;
        readonly call_id: string;
        readonly tool: string;
        readonly text: string;
      };
    }
  | {
      readonly event: 'tool_end';
      readonly data: {
        readonly turn_id: string;
        readonly call_id: string;
        readonly tool: string;
        readonly ok: boolean;
        readonly duration_ms: number;
        readonly summary: string;
      };
    }
  | {
      readonly event: 'approval';
      readonly data: { readonly turn_id: string; readonly approval: ApprovalJson };
    }
  /** What the bot said before, as it says it now. */
  | {
      readonly event: 'restated';
      readonly data: { readonly turn_id: string; readonly text: string; readonly concern: ConcernJson };
    }
  | { readonly event: 'final'; readonly data: FinalJson }
  | {
      readonly event: 'error';
      readonly data: { readonly detail: string; readonly code: string; readonly reference_id: string };
    };
