import type { Fetch } from '../../guarded-fetch.ts';
import { AuthFailedError } from './port.ts';

/** A fetch that remembers its last failure. */
export interface WatchedFetch {
  readonly fetch: Fetch;
  /** Why the last request to an authorization server failed; undefined when it was answered. */
  trouble(): unknown;
}

/**
 * The SDK goes on to a new sign-in when a renewal fails for any reason; this tells an authorization
 * server that does not answer from one that says no. Every request ends with `signal`.
 */
export function watchedFetch(fetch: Fetch, signal: AbortSignal): WatchedFetch {
  let trouble: unknown;
  return {
    async fetch(url, init) {
      trouble = undefined;
      try {
        const response = await fetch(url, { ...init, signal });
        if (response.status >= 500)
          trouble = new AuthFailedError(`its authorization server answered HTTP ${response.status}`);
        return response;
      } catch (error) {
        trouble = error;
        throw error;
      }
    },
    trouble: () => trouble,
  };
}
