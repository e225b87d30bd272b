import { defineMiddleware } from './definition.ts';
import { names, options } from './options.ts';

const config = options({
  searchable_tools: names
    .optional()
    .describe('By their full names; the others are always told. Absent: all tools of servers.'),
});

/**
 * Has the vendor search the tools: it gets them all, and the model reads of those that were found. The bot
 * finds tools for every model by itself; this is for models that are better at their vendor's own way.
 */
export const providerToolSearch = defineMiddleware({
  name: 'ProviderToolSearchMiddleware',
  description:
    'Has the provider search the tools, in place of the bot: OpenAI (Responses) and Anthropic can.',
  priority: 97,
  config,
  providers: ['openai', 'azure_ai', 'anthropic', 'custom'],
  build: ({ searchable_tools }) => ({ searched: { names: searchable_tools } }),
});
