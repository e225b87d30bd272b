/** What the console can show, by its address. */
export type Route =
  | { readonly page: 'conversations' }
  | { readonly page: 'manage' }
  | { readonly page: 'list'; readonly resource: string; readonly query: URLSearchParams }
  | { readonly page: 'new'; readonly resource: string }
  | { readonly page: 'row'; readonly resource: string; readonly id: string }
  | { readonly page: 'audit'; readonly query: URLSearchParams }
  /** `id`: of a turn; empty: none is chosen yet. */
  | { readonly page: 'trace'; readonly id: string }
  | { readonly page: 'you' };

const MANAGE = '/manage/';

export const managePath = MANAGE;
export const auditPath = `${MANAGE}audit-log/`;
export const youPath = `${MANAGE}you/`;

export const tracePath = (turnId = '') =>
  `${MANAGE}trace/${turnId === '' ? '' : `${encodeURIComponent(turnId)}/`}`;

export const listPath = (resource: string) => `${MANAGE}${resource}/`;

export const newPath = (resource: string) => `${listPath(resource)}new/`;

export const rowPath = (resource: string, id: string) => `${listPath(resource)}${encodeURIComponent(id)}/`;

/** A path with a query, if there is anything in it. */
export function withQuery(path: string, query: URLSearchParams): string {
  return query.size === 0 ? path : `${path}?${query}`;
}

/** Reads an address of this console: path, query and hash. */
export function routeOf(at: string): Route {
  const { pathname, searchParams: query } = new URL(at, 'http://console');
  if (pathname !== '/manage' && !pathname.startsWith(MANAGE)) return { page: 'conversations' };
  const [resource, id] = pathname.slice(MANAGE.length).split('/').filter(Boolean);
  if (resource === undefined) return { page: 'manage' };
  if (resource === 'audit-log') return { page: 'audit', query };
  if (resource === 'trace') return { page: 'trace', id: decoded(id ?? '') };
  if (resource === 'you') return { page: 'you' };
  if (id === undefined) return { page: 'list', resource, query };
  return id === 'new' ? { page: 'new', resource } : { page: 'row', resource, id: decoded(id) };
}

/** What is not well encoded stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
