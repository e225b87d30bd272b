import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Route, RouteRequest, RouteResponse } from '../../src/chat/route.ts';
import { NOT_FOUND, type Problems } from './problems.ts';

/** What a page of the console may do: run its own files and talk to its own server, nothing else. */
const PAGE_HEADERS = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-cache',
};

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Vite's output is one flat folder of files with hashed names; a name without a slash cannot leave it. */
const ASSET_NAME = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+$/;

interface Asset {
  readonly plain: Buffer;
  readonly gzipped: Buffer;
}

export interface AssetOptions {
  /** The folder that `npm run build` fills: `index.html` and `assets/`. */
  readonly assetsDir: string;
  readonly problems: Problems;
}

/** The console's page and its files, which hold no data and need no sign-in. */
export function assetRoutes({ assetsDir, problems }: AssetOptions): readonly Route[] {
  const load = createLoader(assetsDir);

  async function page(request: RouteRequest): Promise<RouteResponse> {
    const asset = await load('index.html');
    if (!asset) {
      const detail = 'The console is not built. Run "npm run build" and reload this page.';
      return problems.refuse({ status: 503, code: 'not_built', detail });
    }
    return send(request, asset, { ...PAGE_HEADERS, 'content-type': CONTENT_TYPES['.html'] ?? '' });
  }

  async function file(request: RouteRequest): Promise<RouteResponse> {
    const name = request.params['*'] ?? '';
    const contentType = CONTENT_TYPES[extname(name)];
    const asset =
      contentType !== undefined && ASSET_NAME.test(name) ? await load(join('assets', name)) : undefined;
    if (!asset || contentType === undefined) return problems.refuse(NOT_FOUND);
    return send(request, asset, {
      'content-type': contentType,
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
    });
  }

  return [
    { method: 'GET', path: '/', handle: page },
    // Addresses within the page: it reads them itself.
    { method: 'GET', path: '/manage', handle: page },
    { method: 'GET', path: '/manage/*', handle: page },
    { method: 'GET', path: '/assets/*', handle: file },
  ];
}

function send(request: RouteRequest, asset: Asset, headers: Readonly<Record<string, string>>): RouteResponse {
  const vary = { ...headers, vary: 'accept-encoding' };
  if (!request.headers['accept-encoding']?.includes('gzip'))
    return { status: 200, headers: vary, body: asset.plain };
  return { status: 200, headers: { ...vary, 'content-encoding': 'gzip' }, body: asset.gzipped };
}

/** Reads and compresses each file that exists once. */
function createLoader(dir: string): (path: string) => Promise<Asset | undefined> {
  const loaded = new Map<string, Asset>();
  return async (path) => {
    const known = loaded.get(path);
    if (known) return known;
    const plain = await readFile(join(dir, path)).catch(() => undefined);
    if (!plain) return undefined;
    const asset = { plain, gzipped: await promisify(gzip)(plain) };
    loaded.set(path, asset);
    return asset;
  };
}
