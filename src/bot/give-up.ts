import type { UserMessage } from '../agent/messages.ts';
import type { Reply } from '../chat/reply.ts';
import type { Lease, TurnRow, Work } from '../inbox/port.ts';
import { givenUp } from './outcome.ts';
import type { BotParts } from './parts.ts';
import { checkpointOf } from './remember.ts';
import { mayHaveRun } from './views.ts';

const nothing = { steps: [], approvals: [] } as const;

/**
 * Ends a turn whose event was tried too often, with as little as possible of what may have broken it:
 * no configuration, no tools, no middleware. The person reads an error with its reference id.
 */
export async function giveUp(
  parts: BotParts,
  work: Work,
  turn: TurnRow,
  lease: Lease,
): Promise<{ readonly released: boolean }> {
  const { maxAttempts } = parts;
  const { steps, approvals } = await parts.turns.load(turn.id).catch(() => nothing);
  const outcome = givenUp(maxAttempts, mayHaveRun(steps));
  const question: UserMessage = { role: 'user', text: turn.question };
  const reply: Reply = {
    kind: 'error',
    text: outcome.text,
    turnId: turn.id,
    code: outcome.code ?? 'internal',
  };
  const poster = parts.adapters.get(work.platform)?.poster;
  const { released } = await parts.turns.settle(lease, {
    turnId: turn.id,
    platform: work.platform,
    generation: turn.generation,
    state: 'failed',
    seq: work.seq,
    seen: work.seen,
    at: steps.length,
    steps: [],
    approvals: [],
    reply,
    post: poster !== undefined,
    ordinal: turn.replies,
    checkpoint: checkpointOf({
      question,
      steps,
      outcome,
      approvals,
      prev: work.head,
      replaces: turn.checkpointId,
    }),
    model: '',
    workMs: turn.workMs,
    deadLetter: `given up after ${maxAttempts} attempts`,
    ...(turn.previewRef === undefined ? {} : { edits: turn.previewRef }),
  });
  parts.log.error('turn_given_up', { turn_id: turn.id, thread_id: lease.threadId, attempts: maxAttempts });
  parts.metrics.turnEnded(work.platform, 'failed', turn.workMs);
  if (poster !== undefined) parts.posted();
  parts.changed(lease.threadId);
  return { released };
}
