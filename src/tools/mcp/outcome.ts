import type { Tool } from '../../agent/tool.ts';
import type { RequestFailure } from './call-failure.ts';

/** A call that has no result. `away`: there was no session to send it over. */
export type CallFailure =
  | RequestFailure
  | { readonly type: 'away'; readonly why: string }
  /** Its server says something else of it now, or nothing at all, or nobody has accepted what it says. */
  | { readonly type: 'withdrawn'; readonly isListed: boolean };

/** What the model is told of a call without a result: what happened, and whether it may have run. */
export function failureText(
  tool: Pick<Tool, 'sourceName' | 'source' | 'effect'>,
  failure: CallFailure,
): string {
  const { sourceName, source } = tool;
  switch (failure.type) {
    case 'away':
      return `${sourceName} was not run: the server ${source} is not connected (${failure.why}). It is tried again in the background.`;
    case 'sign_in':
      return `${sourceName} was not run: the server ${source} says that ${failure.why}.`;
    case 'withdrawn':
      return failure.isListed
        ? `${sourceName} was not run: its definition at the server ${source} is not the accepted one any more. An administrator must look at it and accept it first.`
        : `${sourceName} was not run: the server ${source} no longer lists it.`;
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
