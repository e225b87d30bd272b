import { ApiError, type ApprovalJson, decide } from './api.ts';

/** What came of a decision: the approval as it stands now, if that is known, and why it was refused. */
export interface Decided {
  readonly approval?: ApprovalJson;
  readonly refusal?: string;
}

/** Decides about an approval; never throws. A lost race is refused, with the outcome of the winner. */
export async function tryToDecide(
  approvalId: string,
  decision: 'approve' | 'deny',
  reason?: string,
): Promise<Decided> {
  try {
    return { approval: await decide({ approvalId, decision, ...(reason !== undefined && { reason }) }) };
  } catch (error) {
    if (!(error instanceof ApiError)) return { refusal: 'The bot cannot be reached. Try again.' };
    const { approval } = error.body;
    return { refusal: error.message, ...(approval && { approval }) };
  }
}
