import { budget } from './budget.ts';
import { cache } from './cache.ts';
import { modelCallLimit, toolCallLimit } from './call-limits.ts';
import { circuitBreaker } from './circuit-breaker.ts';
import { contextEditing } from './context-editing.ts';
import { costTracking } from './cost-tracking.ts';
import type { MiddlewareType } from './definition.ts';
import { fileSearch } from './file-search.ts';
import { humanInTheLoop } from './human-in-the-loop.ts';
import { logging } from './logging.ts';
import { modelFallback } from './model-fallback.ts';
import { moderation } from './moderation.ts';
import { pii } from './pii.ts';
import { promptCaching } from './prompt-caching.ts';
import { promptInjection } from './prompt-injection.ts';
import { providerToolSearch } from './provider-tool-search.ts';
import { rateLimit } from './rate-limit.ts';
import { modelRetry, retry } from './retry.ts';
import { summarization } from './summarization.ts';
import { todoList } from './todo-list.ts';
import { toolEmulator } from './tool-emulator.ts';
import { toolResultCache } from './tool-result-cache.ts';
import { toolErrorHandler, toolRetry } from './tool-retry.ts';
import { toolSelector } from './tool-selector.ts';
import { validation } from './validation.ts';

/** Every middleware type: adding one is a file and a line here. */
const all: readonly MiddlewareType[] = [
  budget,
  cache,
  circuitBreaker,
  contextEditing,
  costTracking,
  fileSearch,
  humanInTheLoop,
  logging,
  modelCallLimit,
  modelFallback,
  modelRetry,
  pii,
  promptCaching,
  promptInjection,
  providerToolSearch,
  rateLimit,
  retry,
  summarization,
  todoList,
  toolSelector,
  toolEmulator,
  moderation,
  toolCallLimit,
  toolErrorHandler,
  toolResultCache,
  toolRetry,
  validation,
];

/** By their names. */
export const middlewareTypes: Readonly<Record<string, MiddlewareType>> = Object.fromEntries(
  all.map((type) => [type.name, type]),
);
