import { type Answer, ApiError, type ApprovalJson, decide } from './api.ts';
import { type FieldErrors, fieldErrorsOf } from './manage/rest.ts';

/** What came of a decision: the approval as it stands now, if that is known, and why it was refused. */
export interface Decided {
  readonly approval?: ApprovalJson;
  readonly refusal?: string;
  /** What is wrong with the values of a form, by field. */
  readonly fields?: FieldErrors;
}

/** Decides about an approval; never throws. A lost race is refused, with the outcome of the winner. */
export async function tryToDecide(approvalId: string, answer: Answer): Promise<Decided> {
  try {
    return { approval: await decide(approvalId, answer) };
  } catch (error) {
    if (!(error instanceof ApiError)) return { refusal: 'The bot cannot be reached. Try again.' };
    const { approval } = error.body;
    const fields = fieldErrorsOf(error);
    if (fields) return { fields };
    return { refusal: error.message, ...(approval && { approval }) };
  }
}
