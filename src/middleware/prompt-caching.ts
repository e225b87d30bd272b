import { z } from 'zod';
import { defineMiddleware } from './definition.ts';
import { options } from './options.ts';

const config = options({
  enable_caching: z.boolean().default(true).describe('No: nothing of a prompt is kept.'),
  ttl: z.enum(['5m', '1h']).default('5m').describe('How long it is kept after it was used last.'),
  min_messages_to_cache: z
    .int()
    .min(0)
    .default(3)
    .describe('Of conversations shorter than that nothing is kept.'),
  unsupported_model_behavior: z
    .literal('ignore', {
      error: 'Only ignore: other vendors keep prompts by themselves, so there is nothing to warn of.',
    })
    .default('ignore')
    .describe('Vendors other than Anthropic keep prompts by themselves, whatever is said here.'),
});

/** How long Anthropic keeps the beginning of prompts, in place of what its provider is set to. */
export const promptCaching = defineMiddleware({
  name: 'PromptCachingMiddleware',
  description: 'Says whether and how long Anthropic keeps the beginning of prompts.',
  priority: 75,
  config,
  build: ({ enable_caching, ttl, min_messages_to_cache: fewest }) => ({
    model(request, next, signal) {
      const promptCache = enable_caching && request.messages.length >= fewest ? ttl : 'off';
      return next({ ...request, promptCache }, signal);
    },
  }),
});
