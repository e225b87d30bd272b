import { setTimeout as sleep } from 'node:timers/promises';
import type { Author } from '../../src/chat/inbound.ts';
import type { ApprovalCard } from '../../src/chat/reply.ts';
import { approvalMessage } from './approval-cards.ts';
import type { TeamsContext } from './context.ts';
import { isHopeless } from './refused.ts';
import { askingOf } from './sent.ts';
import { decodeThreadId } from './thread-id.ts';

type Parts = Pick<TeamsContext, 'api' | 'bot' | 'memory' | 'log'>;

const retryMs = 2000;

/**
 * Draws the question for everybody as it stands now, in the message that asks it. Undefined: there is no such
 * approval, or nobody knows its message any more. Never throws.
 */
export async function redrawApproval(
  context: Parts,
  approvalId: string,
  by: Author,
): Promise<ApprovalCard | undefined> {
  const { bot, memory, log } = context;
  try {
    const [view, asking] = await Promise.all([bot.approval(approvalId, by), askingOf(memory, approvalId)]);
    const place = decodeThreadId(asking?.threadId ?? '');
    if (view === undefined || asking === undefined || place === undefined) return undefined;
    const draw = () =>
      context.api.update(place, asking.activityId, approvalMessage(view.approval), { patienceMs: 3000 });
    await draw().catch(async (error: unknown) => {
      if (isHopeless(error)) throw error;
      await sleep(retryMs, undefined, { ref: false });
      await draw();
    });
    return view.approval;
  } catch (error) {
    log.info('teams_redraw_failed', { approval_id: approvalId, error });
    return undefined;
  }
}
