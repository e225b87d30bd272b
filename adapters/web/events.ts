import type { TurnStatus } from '../../src/chat/bot.ts';
import type { ApprovalState, Effect } from '../../src/chat/reply.ts';

/** An approval as clients see it. */
export interface ApprovalJson {
  readonly id: string;
  readonly tool: string;
  readonly effect: Effect;
  readonly arguments: string;
  readonly note?: string;
  readonly asked_by: string;
  readonly state: ApprovalState;
  readonly expires_at: string;
  readonly decided_by?: string;
  readonly reason?: string;
}

/** How a turn ended or paused; the answer of a chat request and the `final` event. */
export interface FinalJson {
  readonly response: string;
  readonly thread_id: string;
  readonly turn_id: string;
  readonly status: TurnStatus;
  readonly footer?: string;
  /** Those that still wait for a decision; only while `status` is `waiting`. */
  readonly approval_ids?: readonly string[];
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
  | { readonly event: 'final'; readonly data: FinalJson }
  | {
      readonly event: 'error';
      readonly data: { readonly detail: string; readonly code: string; readonly reference_id: string };
    };
