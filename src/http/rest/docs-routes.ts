import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { NotFoundError } from '../../chat/errors.ts';
import type { Route, RouteRequest, RouteResponse } from '../../chat/route.ts';
import { apiHeaders, type RestContext, restRoute } from './call.ts';
import { openApiDocument } from './openapi/document.ts';

export interface DocsOptions {
  /** Of the bot. */
  readonly version: string;
  /** Whether strangers may read the description; in LAB only. */
  readonly isOpen: boolean;
}

/** The API's description, and an interactive page drawn from it. The page itself holds no data. */
export function docsRoutes(context: RestContext, { version, isOpen }: DocsOptions): readonly Route[] {
  let document: string | undefined;
  const schema = (): RouteResponse => {
    document ??= JSON.stringify(openApiDocument(context.resources, version));
    return { status: 200, headers: { 'content-type': 'application/json; charset=utf-8' }, body: document };
  };
  const guarded = restRoute(context, { method: 'GET', path: '/api/schema/', handle: async () => schema() });
  const open = guarded.map((route) => ({ ...route, isLimited: false, handle: async () => schema() }));
  const load = loader();

  return [
    ...(isOpen ? open : guarded),
    { method: 'GET', path: '/api/docs/', headers: apiHeaders, handle: async (request) => page(request) },
    {
      method: 'GET',
      path: '/api/docs',
      handle: async () => ({ status: 308, headers: { location: 'docs/' } }),
    },
    { method: 'GET', path: '/api/docs/files/:name', handle: (request) => file(request, load) },
  ];
}

/** Clients of Nautobot fetch the description from the page's address. */
function page({ query }: RouteRequest): RouteResponse {
  if (query.format === 'openapi') return { status: 307, headers: { location: '../schema/' } };
  return { status: 200, headers: pageHeaders, body: html };
}

/** Its own files and its own server, nothing else; the style sheet draws its icons from `data:`. */
const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
};

const html = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>AI Ops Bot: API</title>
    <link rel="icon" href="files/favicon-32x32.png">
    <link rel="stylesheet" href="files/swagger-ui.css">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="files/swagger-ui-bundle.js"></script>
    <script src="files/start.js"></script>
  </body>
</html>
`;

const start = `SwaggerUIBundle({
  url: '../schema/',
  dom_id: '#swagger-ui',
  deepLinking: true,
  docExpansion: 'none',
  filter: true,
  validatorUrl: null,
});
`;

const contentTypes: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
  'start.js': 'text/javascript; charset=utf-8',
};

interface File {
  readonly plain: Buffer;
  readonly gzipped: Buffer;
}

async function file(request: RouteRequest, load: (name: string) => Promise<File>): Promise<RouteResponse> {
  const name = request.params.name ?? '';
  const type = Object.hasOwn(contentTypes, name) ? contentTypes[name] : undefined;
  if (type === undefined) throw new NotFoundError('There is no such file.');
  const { plain, gzipped } = await load(name);
  const headers = {
    'content-type': type,
    'cache-control': 'public, max-age=3600',
    'x-content-type-options': 'nosniff',
    vary: 'accept-encoding',
  };
  if (!request.headers['accept-encoding']?.includes('gzip')) return { status: 200, headers, body: plain };
  return { status: 200, headers: { ...headers, 'content-encoding': 'gzip' }, body: gzipped };
}

/** Reads and compresses each file once. */
function loader(): (name: string) => Promise<File> {
  const files = new Map<string, Promise<File>>();
  const read = async (name: string): Promise<File> => {
    const plain = name === 'start.js' ? Buffer.from(start) : await readFile(pathOf(name));
    return { plain, gzipped: await promisify(gzip)(plain) };
  };
  return (name) => {
    const known = files.get(name) ?? read(name);
    files.set(name, known);
    return known;
  };
}

function pathOf(name: string): string {
  return fileURLToPath(import.meta.resolve(`swagger-ui-dist/${name}`));
}
