import { alertRoutes } from './alert-routes.ts';
import { apiTokens } from './api-tokens.ts';
import type { Resource } from './definition.ts';
import { grants } from './grants.ts';
import { identities } from './identities.ts';
import { llmMiddleware } from './llm-middleware.ts';
import { llmModels } from './llm-models.ts';
import { llmProviders } from './llm-providers.ts';
import { mcpServers } from './mcp-servers.ts';
import { middlewareTypes } from './middleware-types.ts';
import { withLayers } from './model-layers.ts';
import { people } from './people.ts';
import { roles } from './roles.ts';
import { schedules } from './schedules.ts';
import { settings } from './settings-definition.ts';
import { statuses } from './statuses.ts';
import { systemPrompts } from './system-prompts.ts';
import { tenants } from './tenants.ts';

/** Everything that admins manage, in the order in which it is shown. Adding one is a file and a line here. */
export const resources: readonly Resource[] = [
  withLayers(llmModels),
  llmProviders,
  mcpServers,
  systemPrompts,
  llmMiddleware,
  middlewareTypes,
  schedules,
  alertRoutes,
  settings,
  statuses,
  roles,
  grants,
  apiTokens,
  tenants,
  identities,
  people,
];
