import type { JsonObject } from '../../agent/json.ts';
import type { CallContext, Need, Tool, ToolOutcome } from '../../agent/tool.ts';
import type { Reach } from '../port.ts';
import type { CallAnswer, Limits } from './connection.ts';
import type { ListAnswer } from './context.ts';
import type { ContextCall } from './context-tools.ts';
import { questionsOf } from './elicitation.ts';
import { type CallFailure, failureText } from './outcome.ts';
import { readResult } from './result.ts';
import type { Standing } from './standing.ts';

/** A tool, and the pin of the definition that it was made of. */
export interface OfferedTool extends Tool {
  readonly hash: string;
}

export type Session = Extract<Standing, { type: 'connected' }>;

export interface CallsOptions {
  /** The session; one that is being opened is waited for. Throws when the signal aborts. */
  readonly session: (
    signal: AbortSignal,
  ) => Promise<Session | { readonly type: 'away'; readonly why: string }>;
  /** Whether somebody has accepted the definition of this hash. */
  readonly accepts: (hash: string) => boolean;
  /** Where the server is. */
  readonly reach: Reach;
  readonly callTimeoutMs: number;
  readonly maxCallMs: number;
  /** What the asker is asked for when the server wants them to sign in. Absent: they cannot. */
  readonly signIn?: Need;
}

/** For whom, and until when. */
interface For {
  readonly signal: AbortSignal;
  readonly context: CallContext | undefined;
}

type Asked = Pick<Tool, 'sourceName' | 'source' | 'effect'>;
type Answer = CallAnswer | CallFailure | Exclude<ListAnswer, { type: 'list' }>;

/** Calls over whatever session a server has. None throws for a failure; each throws when its signal aborts. */
export function createCalls({ session, accepts, reach, callTimeoutMs, maxCallMs, signIn }: CallsOptions) {
  const limitsOf = ({ signal, context }: For) => ({
    signal,
    timeoutMs: callTimeoutMs,
    maxTotalMs: maxCallMs,
    onProgress: context?.progress?.bind(context),
  });

  /** A session that is lost in mid-call: reads are repeated once, anything else never. */
  const twice = async (tool: Asked, once: () => Promise<Answer>): Promise<Answer> => {
    const first = await once();
    if (first.type !== 'lost' || (first.mayHaveRun && tool.effect !== 'read')) return first;
    return await once();
  };

  const over = async (limits: Limits, ask: (held: Session) => Promise<Answer>): Promise<Answer> => {
    limits.signal.throwIfAborted();
    const held = await session(limits.signal);
    return held.type === 'away' ? held : await ask(held);
  };

  const asking = ({ type }: Answer, { context }: For, outcome: ToolOutcome): ToolOutcome =>
    type === 'sign_in' && signIn !== undefined && context !== undefined
      ? { ...outcome, need: signIn }
      : outcome;

  return {
    /** Runs one of the server's own tools. */
    tool: async (tool: OfferedTool, args: JsonObject, whom: For): Promise<ToolOutcome> => {
      const limits = limitsOf(whom);
      const questions = questionsOf({ server: tool.source, reach, context: whom.context });
      const answer = await twice(tool, () =>
        over(limits, async (held) => {
          const latest = held.listed.findLast(({ name }) => name === tool.sourceName);
          if (latest?.hash !== tool.hash || !accepts(tool.hash))
            return { type: 'withdrawn', isListed: latest !== undefined };
          return await held.connection.callTool({ tool: tool.sourceName, args, questions, ...limits });
        }),
      );
      const outcome = asking(answer, whom, told(tool, answer, readResult));
      const hasAnswered = answer.type === 'result' || answer.type === 'refused';
      return hasAnswered ? questions.outcome(outcome) : outcome;
    },
    /** Reads resources or prompts. */
    context: async (tool: Asked, call: ContextCall, whom: For): Promise<ToolOutcome> => {
      const limits = limitsOf(whom);
      const answer = await twice(tool, () => over(limits, (held) => call.ask(held.context, limits)));
      return asking(answer, whom, told(tool, answer, call.tell));
    },
  };
}

function told(tool: Asked, answer: Answer, tell: (result: unknown) => ToolOutcome): ToolOutcome {
  if (answer.type === 'result') return tell(answer.result);
  const failure: CallFailure =
    answer.type === 'unusable' ? { type: 'refused', why: answer.why, mayHaveRun: false } : answer;
  const why = passingOf(failure);
  return { text: failureText(tool, failure), isError: true, ...(why === undefined ? {} : { failure: why }) };
}

/** What may pass by itself. */
function passingOf({ type }: CallFailure): ToolOutcome['failure'] {
  if (type === 'timeout') return 'timeout';
  return type === 'away' || type === 'lost' ? 'unreachable' : undefined;
}
