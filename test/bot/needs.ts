import { z } from 'zod';
import { type AskingServer, startAskingServer } from '../fakes/asking-server.ts';
import { openStage, type Stage, type StageOptions, whenConnected } from './stage.ts';

/** A bot whose server asks people in the middle of calls. */
export interface NeedsStage extends Stage {
  readonly server: AskingServer;
  /** The approval as its asker, who has the admin token, reads it. */
  question(id: string | undefined, fetch?: Send): Promise<Read>;
  answer(id: string | undefined, body: object, fetch?: Send): Promise<Read>;
}

type Send = (path: string, init?: RequestInit) => Promise<Response>;

const readSchema = z.looseObject({
  approval: z
    .looseObject({
      kind: z.string(),
      server: z.string().optional(),
      state: z.string(),
      may_decide: z.boolean().optional(),
      question: z.unknown().optional(),
    })
    .optional(),
});

type Read = z.output<typeof readSchema> & { readonly http: number };

/** `overrides`: what admins decided about the tools of the server. */
export async function openNeeds({
  overrides = {},
  ...options
}: StageOptions & { readonly overrides?: object } = {}): Promise<NeedsStage> {
  const server = await startAskingServer();
  const row = {
    name: 'cafe',
    protocol: 'http',
    url: server.url,
    is_trusted: true,
    mcp_type: 'internal',
    tool_overrides: overrides,
  };
  const stage = await openStage({ ...options, rows: [row] });
  await whenConnected(stage, 'cafe');
  const read = async (response: Response) => ({
    ...readSchema.parse(await response.json()),
    http: response.status,
  });
  const path = (id: string | undefined) => `/plugins/ai-ops/api/approvals/${id}/`;
  return {
    ...stage,
    server,
    question: async (id, fetch = stage.bot.fetch) => read(await fetch(path(id))),
    answer: async (id, body, fetch = stage.bot.fetch) =>
      read(await fetch(path(id), { method: 'POST', body: JSON.stringify(body) })),
    async close() {
      await stage.close();
      await server.close();
    },
  };
}

/** What the model says to call a tool of the server. */
export function cafeCall(name: string, args: object = {}) {
  return { calls: [{ name: `cafe__${name}`, arguments: JSON.stringify(args) }] };
}

/** The person at the console: another one than the holder of the admin token. */
export async function signIn(stage: Stage): Promise<Send> {
  const response = await fetch(await stage.bot.newConsoleLink(), { redirect: 'manual' });
  const cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const headers = { cookie, 'sec-fetch-site': 'same-origin' };
  return (path, init) => fetch(new URL(path, stage.bot.url), { ...init, headers });
}
