import { useEffect, useState } from 'react';
import { ApiError, type ApprovalJson, type ApprovalViewJson, readApproval } from './api.ts';

export type AskerQuestion = NonNullable<ApprovalViewJson['question']>;

/**
 * What an open question asks of this person; `others` when it is somebody else's to answer, undefined
 * while it is being read, and a sentence when it cannot be read.
 */
export function useQuestion({ id, state }: ApprovalJson): AskerQuestion | 'others' | Error | undefined {
  const [question, setQuestion] = useState<AskerQuestion | 'others' | Error>();
  useEffect(() => {
    if (state !== 'pending') return;
    let isLeft = false;
    const tell = (found: AskerQuestion | 'others' | Error) => {
      if (!isLeft) setQuestion(found);
    };
    readApproval(id).then(
      (view) => tell(view.question ?? 'others'),
      (error: unknown) => tell(isRefusal(error) ? 'others' : new Error('The question cannot be read now.')),
    );
    return () => {
      isLeft = true;
    };
  }, [id, state]);
  return question;
}

function isRefusal(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 403 || error.status === 404);
}
