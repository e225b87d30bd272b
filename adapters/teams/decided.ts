import type { PreviewTarget } from '../../src/chat/adapter.ts';
import { redrawApproval } from './approval-redraw.ts';
import type { TeamsContext } from './context.ts';
import { askedIn } from './sent.ts';

/** A question that was decided, or given up, before its message was known is drawn as it stands. Never throws. */
export async function redrawIfOver(
  context: Pick<TeamsContext, 'api' | 'bot' | 'memory' | 'log'>,
  approvalId: string,
): Promise<void> {
  const view = await context.bot.approval(approvalId, nobody).catch(() => undefined);
  if (view !== undefined && view.approval.state !== 'pending')
    await redrawApproval(context, approvalId, nobody);
}

const nobody = { principal: '', name: '' };

/**
 * Draws the questions of a turn that goes on as they stand now, wherever they were decided: every decision
 * wakes its turn. Resolves to whether any is still open. Never throws.
 */
export async function redrawTurn(
  context: Pick<TeamsContext, 'api' | 'bot' | 'memory' | 'log'>,
  { turnId, asker }: Pick<PreviewTarget, 'turnId' | 'asker'>,
): Promise<boolean> {
  const by = asker ?? nobody;
  const asked = await askedIn(context.memory, turnId).catch(() => []);
  const drawn = await Promise.all(asked.map((id) => redrawApproval(context, id, by)));
  return drawn.some((card) => card?.state === 'pending');
}
