import type { Middleware, TurnInput } from '../agent/middleware.ts';
import type { Log, Metrics } from '../observe/port.ts';

/** Logs and counts each activation, model call and tool call by name and duration; never what was said. */
export function logging(
  { log, metrics }: { readonly log: Log; readonly metrics: Metrics },
  { priority = 10 }: { readonly priority?: number } = {},
): Middleware {
  let turn: Partial<TurnInput> = {};
  const ids = () => ({ turn_id: turn.turnId, thread_id: turn.threadId });
  return {
    name: 'LoggingMiddleware',
    priority,
    async turn(input, next) {
      turn = input;
      log.info('turn_started', {
        ...ids(),
        asker: input.asker,
        activation: input.activation,
        model: input.model,
      });
      const startedAt = performance.now();
      const result = await next(input);
      log.info('turn_settled', { ...ids(), status: result.status, duration_ms: since(startedAt) });
      return result;
    },
    async *model(request, next, signal) {
      const startedAt = performance.now();
      for await (const event of next(request, signal)) {
        if (event.type === 'usage') {
          metrics.modelStep(event.model ?? turn.model ?? '', event.usage, since(startedAt), event.cost);
        }
        if (event.type === 'restart') log.warn('model_restarted', { ...ids(), reason: event.reason });
        if (event.type === 'stop') {
          log.info('model_answered', { ...ids(), stop: event.reason, duration_ms: since(startedAt) });
        }
        yield event;
      }
    },
    async tool(input, next, signal) {
      const startedAt = performance.now();
      const answer = await next(input, signal);
      const fields = {
        ...ids(),
        tool: input.tool.name,
        call_id: input.call.id,
        duration_ms: since(startedAt),
      };
      if (answer.type === 'ask') log.info('tool_waits_for_approval', fields);
      else {
        const ok = !answer.outcome.isError;
        log.info('tool_ended', { ...fields, ok, ran: answer.ran, output_chars: answer.outcome.text.length });
        if (answer.ran) metrics.toolCall(input.tool.source, ok, since(startedAt));
      }
      return answer;
    },
  };
}

function since(startedAt: number): number {
  return Math.round(performance.now() - startedAt);
}
