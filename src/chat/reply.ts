/** What the bot says, without any word of a platform. Adapters draw it within the platform's limits. */

import type { Author } from './inbound.ts';

/** Whether a tool reads, changes, or may destroy something. */
export type Effect = 'read' | 'write' | 'destructive';

/** How an approval stands. */
export type ApprovalState = 'pending' | 'approved' | 'denied' | 'expired' | 'cancelled';

/**
 * What may be said to whether a call may run. `edit`: yes, with other arguments; `respond`: no, and the person's
 * words are its result.
 */
export type ApprovalDecision = 'approve' | 'edit' | 'deny' | 'respond';

/**
 * What a turn waits for: that a call may run, or something that the asker alone can give, which is to
 * sign in to a server, to fill in a form, or to open a link.
 */
export type QuestionKind = 'approval' | 'sign_in' | 'form' | 'link';

/** A question to people: may this exact tool call run? Or one to the asker: what does it need of them? */
export interface ApprovalCard {
  readonly id: string;
  /** Absent: `approval`. What the other kinds ask is for the asker alone; `Bot.approval` tells it to them. */
  readonly kind?: QuestionKind;
  /** The server that asks, with every kind but `approval`. */
  readonly server?: string;
  readonly tool: string;
  readonly effect: Effect;
  /** Exactly what will run; canonical JSON of the arguments, two-space indented. */
  readonly arguments: string;
  /** Why it is asked, beyond the tool's effect: e.g. that an earlier attempt may have run. */
  readonly note?: string;
  readonly askedBy: string;
  readonly state: ApprovalState;
  /** ISO 8601. */
  readonly expiresAt: string;
  readonly decidedBy?: string;
  readonly reason?: string;
  /** Absent: `approve` and `deny`; nothing of it is true of the other kinds. */
  readonly allows?: readonly ApprovalDecision[];
  /** What ran, or will run, in place of `arguments`, in the same form: whoever decided wrote it. */
  readonly edited?: string;
  /** What whoever denied it wrote in place of its result. */
  readonly response?: string;
}

/** Where something that an answer rests on can be read. */
export interface Source {
  readonly title: string;
  readonly url: string;
}

/** How it stands with something that people are told of. `open`: nobody has said a word to it. */
export type ConcernState = 'open' | 'acknowledged' | 'snoozed' | 'resolved';

/**
 * Something that needs attention, of which a reply tells: what is bad in a report, an alert, a monitor's finding.
 * While it is not resolved, people may acknowledge it (somebody is at it), snooze it (not now), or open it again.
 */
export interface ConcernCard {
  /** For `Bot.attend`; opaque. */
  readonly id: string;
  readonly state: ConcernState;
  /** Who acknowledged or snoozed it, as people know them. */
  readonly by?: string;
  /** Until when it is snoozed; ISO 8601. */
  readonly until?: string;
}

/** What a part of a reply rests on, for whoever wishes to see: folded away until then. */
export interface Detail {
  /** One line of plain text. */
  readonly title: string;
  /** Markdown. Never trusted as HTML. */
  readonly text: string;
}

/** One thing the bot says in a thread. */
export interface Reply {
  /** `answer` ends a turn well; `approval` pauses it; `stopped` and `error` end it otherwise. */
  readonly kind: 'answer' | 'approval' | 'stopped' | 'error';
  /** Markdown (GitHub flavour), straight from the model or from the bot. Never trusted as HTML. */
  readonly text: string;
  /** The turn's id: the reference that people quote. */
  readonly turnId: string;
  readonly approvals?: readonly ApprovalCard[];
  /** Web pages that the turn's tools pointed to; http and https alone. Never trusted: titles are theirs. */
  readonly sources?: readonly Source[];
  /** Drawn with the buttons that its state allows, and a line that says who did what. */
  readonly concern?: ConcernCard;
  /** Drawn behind one button, or folded. */
  readonly details?: readonly Detail[];
  /** Told by name, and notified where they are on the platform of the thread; of other platforms it is only named. */
  readonly mentions?: readonly Author[];
  /** No model was called for it: the words are the bot's own, or a tool's. */
  readonly isWithoutModel?: boolean;
  /** Small print under the answer: model, tokens, duration. */
  readonly footer?: string;
  /** Only on errors: a stable word for programs, e.g. `rate_limited`, `timeout`. */
  readonly code?: string;
  /** Set when an earlier attempt to post may have succeeded and the platform cannot tell. */
  readonly possiblyRepeated?: boolean;
}
