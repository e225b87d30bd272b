import type { IncomingHttpHeaders } from 'node:http';
import { anthropic } from './anthropic.ts';
import { azureWires } from './azure.ts';
import { chat } from './chat.ts';
import { huggingface } from './huggingface.ts';
import { ollama } from './ollama.ts';
import type { JsonRecord, Refusal, RefusalName, Wire } from './script.ts';

/** What a server says when it is asked for its models. */
export interface Listed {
  /** Default: a few of OpenAI's. */
  readonly names?: readonly string[];
  /** It refuses instead, in its vendor's words. */
  readonly refusal?: RefusalName;
  /** It has no such endpoint. */
  readonly isMissing?: boolean;
  /** It never answers. */
  readonly stalls?: boolean;
  /** What it says in the place of a list. */
  readonly body?: JsonRecord;
}

/** A request for the models. */
export interface Look {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

interface List {
  readonly path: RegExp;
  readonly wire: Wire;
  readonly isFor?: (look: Look) => boolean;
  body(names: readonly string[]): JsonRecord;
}

const openaiBody = (names: readonly string[]) => ({
  object: 'list',
  data: names.map((id) => ({ id, object: 'model', created: 1_760_000_000, owned_by: 'system' })),
});
const [azure = chat] = azureWires;

const lists: readonly List[] = [
  {
    path: /^\/v1\/models(\?|$)/,
    wire: anthropic,
    isFor: ({ headers }) => headers['anthropic-version'] !== undefined,
    body: (names) => ({
      data: names.map((id) => ({ type: 'model', id, display_name: id, created_at: '2026-09-01T00:00:00Z' })),
      ...{ has_more: false, first_id: names[0] ?? null, last_id: names.at(-1) ?? null },
    }),
  },
  { path: /^\/v1\/models$/, wire: chat, body: openaiBody },
  { path: /^\/router\/v1\/models$/, wire: huggingface, body: openaiBody },
  { path: /^\/openai\/(v1\/)?models(\?api-version=[\w.-]+)?$/, wire: azure, body: openaiBody },
  {
    path: /^\/api\/tags$/,
    wire: ollama,
    body: (names) => ({ models: names.map((name) => ({ name, model: name, size: 1, digest: 'd' })) }),
  },
];

/** The list of models that a request asks for; undefined: it asks for none. */
export function listAt(look: Look): List | undefined {
  return lists.find(({ path, isFor = () => true }) => path.test(look.path) && isFor(look));
}

/** What the server answers. Undefined: nothing, for ever. */
export function listAnswer(
  { wire, body }: List,
  look: Look,
  { apiKey, listed }: { readonly apiKey: string | undefined; readonly listed: Listed },
): Refusal | undefined {
  const { names = ['gpt-4.1', 'gpt-6.1-sol'], refusal, isMissing, stalls, body: said } = listed;
  if (stalls === true) return undefined;
  if (isMissing === true) return { status: 404, body: { error: { message: 'Not found' } } };
  const request = { wire: wire.name, ...look, body: {}, closed: Promise.resolve('complete' as const) };
  const hasBearer = look.headers.authorization === `Bearer ${apiKey}`;
  const isIn = apiKey === undefined || (wire.admits?.(request, apiKey) ?? hasBearer);
  if (!isIn) return wire.refuse('unauthorized', '');
  if (refusal !== undefined) return wire.refuse(refusal, '');
  return { status: 200, body: said ?? body(names) };
}
