import type { Tool } from '../../agent/tool.ts';
import type { CallAnswer } from './connection.ts';

/** A call that has no result. `away`: there was no session to send it over. */
export type CallFailure =
  | Exclude<CallAnswer, { type: 'result' }>
  | { readonly type: 'away'; readonly why: string };

/** What the model is told of a call without a result: what happened, and whether it may have run. */
export function failureText(
  tool: Pick<Tool, 'sourceName' | 'source' | 'effect'>,
  failure: CallFailure,
): string {
  const { sourceName, source } = tool;
  switch (failure.type) {
    case 'away':
      return `${sourceName} was not run: the server ${source} is not connected (${failure.why}). It is tried again in the background.`;
    case 'timeout':
      return `${sourceName} gave no answer within ${failure.afterMs / 1000} seconds and was cancelled.${doubt(tool)}`;
    case 'lost':
      if (!failure.mayHaveRun)
        return `${sourceName} was not run: the server ${source} was gone (${failure.why}).`;
      return `${sourceName} gave no result: the connection to ${source} was lost (${failure.why}).${doubt(tool)}`;
    case 'refused':
      return `${sourceName} failed: ${failure.why}${/[.!?]$/.test(failure.why) ? '' : '.'}${failure.mayHaveRun ? doubt(tool) : ''}`;
    default:
      return failure satisfies never;
  }
}

function doubt(tool: Pick<Tool, 'effect'>): string {
  if (tool.effect === 'read') return '';
  return ' It may have run all the same, and it was not repeated: look at what it did before you call it again.';
}
