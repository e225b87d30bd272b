import { z } from 'zod';
import { estimateTextTokens } from '../agent/budget.ts';
import type { ToolInput } from '../agent/middleware.ts';
import { defineMiddleware, type Layer, type MiddlewareParts } from './definition.ts';
import { names, options } from './options.ts';
import { isMeant } from './tool-again.ts';

const config = options({
  tools: names
    .optional()
    .describe('Tools whose results are made up; * stands for any characters. Absent: all.'),
  model: z
    .string()
    .min(1)
    .optional()
    .describe('A configured model that makes them up; absent: the turn’s own.'),
});

const name = 'LLMToolEmulatorMiddleware';

/** Makes up what tools give, to try a bot without them. The tool does not run, so nobody is asked for approval. */
export const toolEmulator = defineMiddleware({
  name,
  description: 'For tests: a model makes up what tools would give, and nothing is really called.',
  priority: 98,
  config,
  models: ({ model }) => (model === undefined ? [] : [model]),
  build,
});

const prompt =
  'You stand in for a tool in a test. You are given its description and a call. Answer with what the tool would return: realistic, brief, in the form that such a tool uses, and nothing around it.';
const mostTokens = 4000;

function build({ tools, model }: z.infer<typeof config>, parts: MiddlewareParts): Layer {
  return {
    async tool(input, next, signal) {
      // What the bot itself brings is no tool that could be missing.
      if (input.tool.source === 'bot' || !isMeant(input.tool, tools)) return await next(input, signal);
      const { text } = await parts.ask(
        {
          system: prompt,
          messages: [{ role: 'user', text: textOf(input) }],
          maxOutputTokens: mostTokens,
          ...(model === undefined ? {} : { model }),
        },
        signal,
      );
      parts.metrics.middlewareActed(name, 'emulated');
      parts.notice(
        'This is a test: results of tools were made up by a model, and nothing was really called.',
      );
      return { type: 'result', ran: false, outcome: { text, isError: false } };
    },
  };
}

function textOf({ tool, call }: ToolInput): string {
  const schema = JSON.stringify(tool.inputSchema);
  const parameters = estimateTextTokens(schema) > mostTokens ? '' : `\nParameters: ${schema}`;
  return `Tool: ${tool.name}\nDescription: ${tool.description}${parameters}\nCalled with: ${JSON.stringify(call.arguments)}`;
}
