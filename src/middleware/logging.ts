import { z } from 'zod';
import type { TurnInput } from '../agent/middleware.ts';
import { defineMiddleware, type Layer, type MiddlewareParts } from './definition.ts';
import { options, refused } from './options.ts';

const neverSaid =
  'The log never holds what people, models or tools said, so there is nothing of it to write.';

function inLowerCase(value: unknown): unknown {
  return typeof value === 'string' ? value.toLowerCase() : value;
}

const config = options({
  log_level: z
    .preprocess(inLowerCase, z.enum(['debug', 'info']))
    .default('info')
    .describe('Of what goes well; warnings stay warnings.'),
  include_tokens: z.boolean().default(true).describe('Tokens of each model call.'),
  include_latency: z.boolean().default(true).describe('How long it took.'),
  include_model_info: z.boolean().default(true).describe('Which model it was.'),
  log_requests: refused(neverSaid),
  log_responses: refused(neverSaid),
  max_log_length: refused(neverSaid),
  mask_sensitive_data: refused('Secrets are always masked; this cannot be switched off.'),
});

type Config = z.infer<typeof config>;

/** Logs and counts each activation, model call and tool call by name and duration; never what was said. */
export const logging = defineMiddleware({
  name: 'LoggingMiddleware',
  description: 'Logs and counts turns, model calls and tool calls; never what was said.',
  priority: 10,
  config,
  build,
});

function build(config: Config, { log, metrics }: Pick<MiddlewareParts, 'log' | 'metrics'>): Layer {
  let turn: Partial<TurnInput> = {};
  const ids = () => ({ turn_id: turn.turnId, thread_id: turn.threadId });
  const write = log[config.log_level].bind(log);
  const model = (name: string | undefined) => (config.include_model_info ? { model: name } : {});
  const took = (startedAt: number) => (config.include_latency ? { duration_ms: since(startedAt) } : {});
  return {
    async turn(input, next) {
      turn = input;
      const { asker, activation } = input;
      write('turn_started', { ...ids(), asker, activation, ...model(input.model) });
      const startedAt = performance.now();
      const result = await next(input);
      write('turn_settled', { ...ids(), status: result.status, ...took(startedAt) });
      return result;
    },
    async *model(request, next, signal) {
      const startedAt = performance.now();
      let tokens = {};
      for await (const event of next(request, signal)) {
        if (event.type === 'usage' && event.model !== '') {
          metrics.modelStep(event.model ?? turn.model ?? '', event.usage, since(startedAt), event.cost);
          const { input, output } = event.usage;
          if (config.include_tokens) tokens = { input_tokens: input, output_tokens: output };
        }
        if (event.type === 'restart') log.warn('model_restarted', { ...ids(), reason: event.reason });
        if (event.type === 'stop')
          write('model_answered', { ...ids(), stop: event.reason, ...took(startedAt), ...tokens });
        yield event;
      }
    },
    async tool(input, next, signal) {
      const startedAt = performance.now();
      const answer = await next(input, signal);
      const fields = { ...ids(), tool: input.tool.name, call_id: input.call.id, ...took(startedAt) };
      if (answer.type === 'ask') write('tool_waits_for_approval', fields);
      else {
        const ok = !answer.outcome.isError;
        write('tool_ended', { ...fields, ok, ran: answer.ran, output_chars: answer.outcome.text.length });
        if (answer.ran) metrics.toolCall(input.tool.source, ok, since(startedAt));
      }
      return answer;
    },
  };
}

function since(startedAt: number): number {
  return Math.round(performance.now() - startedAt);
}
