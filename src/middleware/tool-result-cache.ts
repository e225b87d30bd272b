import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../agent/json.ts';
import type { ToolInput } from '../agent/middleware.ts';
import type { ToolOutcome } from '../agent/tool.ts';
import { defineMiddleware, type Layer, type MiddlewareParts } from './definition.ts';
import { names, options } from './options.ts';
import { hasWritten } from './own-turn.ts';
import { readShared } from './shared.ts';
import { isMeant } from './tool-again.ts';

const ttl = z.number().positive().max(86_400);
const ofTool = options({
  ttl: ttl.default(300).describe('Seconds that a result is good for.'),
  skip_methods: names.default([]).describe('Calls whose argument `method` is one of these are never kept.'),
});

const config = options({
  tools: z
    .record(z.string(), ofTool)
    .default({})
    .describe(
      'By the name of the tool; a * stands for any characters. Tools that are not named are not cached.',
    ),
});

type Config = z.infer<typeof config>;

const name = 'ToolResultCacheMiddleware';
const largestCharacters = 500_000;

/**
 * Gives a tool's result again for the same call of the same person. Only what reads is kept, and nothing
 * that failed, needs an approval, or shows pictures. A turn that has begun to write reads anew, and keeps that.
 */
export const toolResultCache = defineMiddleware({
  name,
  description: 'Gives a tool’s result again for the same call of the same person.',
  priority: 15,
  config,
  build,
});

const stored = z.object({
  text: z.string(),
  structured: z.json().optional(),
  links: z.array(z.object({ uri: z.string(), name: z.string().optional() })).optional(),
});

function build({ tools }: Config, parts: MiddlewareParts): Layer {
  const { turn, shared, metrics, log } = parts;
  if (Object.keys(tools).length === 0) return {};
  return {
    async tool(input, next, signal) {
      const rule = ruleFor(input, tools);
      if (rule === undefined) return await next(input, signal);
      const key = keyOf(input, turn.visibility);
      const known = hasWritten(parts) ? undefined : read(await shared.get(key));
      if (known !== undefined) {
        metrics.middlewareActed(name, 'hit');
        return { type: 'result', ran: false, isCopy: true, outcome: known };
      }
      const answer = await next(input, signal);
      if (answer.type === 'ask' || !answer.ran) return answer;
      const text = writable(answer.outcome);
      if (text === undefined) return answer;
      await shared
        .set(key, text, rule.ttl * 1000)
        .catch((error: unknown) => log.warn('tool_result_not_cached', { error }));
      return answer;
    },
  };
}

function ruleFor(
  { tool, call, approved }: ToolInput,
  tools: Config['tools'],
): z.infer<typeof ofTool> | undefined {
  if (tool.effect !== 'read' || tool.approval === 'ask' || approved) return undefined;
  const own = Object.hasOwn(tools, tool.name) ? tools[tool.name] : undefined;
  const rule = own ?? Object.entries(tools).find(([named]) => isMeant(tool, [named]))?.[1];
  const method = String(call.arguments.method ?? '').toUpperCase();
  return rule?.skip_methods.some((skipped) => skipped.toUpperCase() === method) === true ? undefined : rule;
}

/** A tool whose definition has changed is another one. */
function keyOf({ tool, call }: ToolInput, visibility: string): string {
  const { name: toolName, description, inputSchema } = tool;
  const asked = canonicalJson({ toolName, description, inputSchema, visibility, arguments: call.arguments });
  return `tool-result:${createHash('sha256').update(asked).digest('base64url')}`;
}

function read(text: string | undefined): ToolOutcome | undefined {
  const known = readShared(text, stored);
  if (known === undefined) return undefined;
  const { structured, links, text: words } = known;
  return {
    text: words,
    isError: false,
    ...(structured === undefined ? {} : { structured }),
    ...(links === undefined
      ? {}
      : {
          links: links.map(({ uri, name: label }) => (label === undefined ? { uri } : { uri, name: label })),
        }),
  };
}

/** Undefined: it is not kept. */
function writable({
  text,
  structured,
  links,
  images,
  need,
  isError,
  wordsOf,
}: ToolOutcome): string | undefined {
  if (isError || need !== undefined || images !== undefined || wordsOf !== undefined) return undefined;
  const written = JSON.stringify({ text, structured, links });
  return written.length > largestCharacters ? undefined : written;
}
