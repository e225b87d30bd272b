import type { Route } from '../../src/chat/route.ts';

/** Where the chat API lives. */
export const API = '/plugins/ai-ops/api';

/** A route with and without its trailing slash. */
export function slashed(route: Route): readonly Route[] {
  return [{ ...route, path: `${route.path}/` }, route];
}
