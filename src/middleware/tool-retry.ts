import { z } from 'zod';
import { TurnEndError } from '../agent/middleware.ts';
import { defineMiddleware, type Layer, type MiddlewareParts } from './definition.ts';
import { classesRefused, names, options, refused } from './options.ts';
import { inMilliseconds, langchainRetries } from './retry.ts';
import { type Again, callAgain, isMeant, toolFailures } from './tool-again.ts';

const failures = z.array(z.enum(toolFailures));

const retryConfig = z.preprocess(
  inMilliseconds,
  z.strictObject({
    ...langchainRetries,
    tools: names.optional().describe('Only these; absent: all. A * stands for any characters.'),
    retry_on: failures
      .default(['unreachable', 'timeout'])
      .describe('error: also when the tool itself said that it failed.'),
    on_failure: z
      .enum(['continue', 'error'])
      .default('continue')
      .describe('continue: the model is told; error: the turn fails.'),
    retry_if: refused(classesRefused),
  }),
);

/** Tries failed tool calls again, as LangChain names it; never one that can write. */
export const toolRetry = defineMiddleware({
  name: 'ToolRetryMiddleware',
  description: 'Tries failed tool calls again.',
  priority: 70,
  config: retryConfig,
  build: buildRetry,
});

function buildRetry(config: z.infer<typeof retryConfig>, { metrics }: MiddlewareParts): Layer {
  const { tools, on_failure } = config;
  const again: Again = {
    retries: config.max_retries,
    on: config.retry_on,
    tools,
    waitMs: (retry) => waitOf(config, retry),
    acted: () => metrics.middlewareActed('ToolRetryMiddleware', 'retried'),
  };
  return {
    async tool(input, next, signal) {
      const { answer, retries } = await callAgain(again, next, { input, signal });
      const hasFailed = answer.type === 'result' && answer.ran && answer.outcome.isError;
      if (!hasFailed || on_failure === 'continue' || !isMeant(input.tool, tools)) return answer;
      const after =
        retries === 0 ? '' : `, also when it was tried again ${retries === 1 ? 'once' : `${retries} times`}`;
      const text = `I stopped because ${input.tool.name} failed${after}.`;
      throw new TurnEndError({ status: 'failed', code: 'tool_failed', text });
    },
  };
}

function waitOf(config: z.infer<typeof retryConfig>, retry: number): number {
  const { initial_delay_ms: first, max_delay_ms: most, backoff_factor: factor, jitter } = config;
  const ms = Math.min(most, first * (factor === 0 ? 1 : factor ** retry));
  return Math.round(jitter ? ms * (0.75 + Math.random() / 2) : ms);
}

const handlerConfig = options({
  max_retries: z.int().min(0).max(10).default(2).describe('How often it is tried again.'),
  retry_delay: z.number().min(0).max(60).default(1).describe('Seconds between the tries.'),
  retry_on: failures
    .default(['unreachable', 'timeout'])
    .describe('error: also when the tool itself said that it failed.'),
  tools: names.optional().describe('Only these; absent: all. A * stands for any characters.'),
  on_error: refused('Functions cannot be written in JSON; write a custom middleware for it.'),
});

/** Tries tools again that could not be reached, and then tells the model to try another way. */
export const toolErrorHandler = defineMiddleware({
  name: 'ToolErrorHandlerMiddleware',
  description: 'Tries tools again that could not be reached, and tells the model to go on without them.',
  priority: 70,
  config: handlerConfig,
  build: buildHandler,
});

function buildHandler(config: z.infer<typeof handlerConfig>, { metrics }: MiddlewareParts): Layer {
  const again: Again = {
    retries: config.max_retries,
    on: config.retry_on,
    tools: config.tools,
    waitMs: () => config.retry_delay * 1000,
    acted: () => metrics.middlewareActed('ToolErrorHandlerMiddleware', 'retried'),
  };
  return {
    async tool(input, next, signal) {
      const { answer, retries } = await callAgain(again, next, { input, signal });
      if (answer.type === 'ask' || !answer.outcome.isError || retries === 0) return answer;
      const tries = `It was tried ${retries + 1} times. Try another way, or say what could not be found out.`;
      return { ...answer, outcome: { ...answer.outcome, text: `${answer.outcome.text}\n\n${tries}` } };
    },
  };
}
