import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { TestBot } from '../fakes/bot.ts';

/** What senders know, as the bot's environment has it. */
export const senderEnv = { SENDER_TOKEN: 'sender-secret' } as const;

const routeSchema = z.looseObject({ id: z.string(), owner: z.string(), path: z.string() });
const takenSchema = z.looseObject({
  received: z.number().optional(),
  accepted: z.number().optional(),
  refused: z.array(z.object({ index: z.number(), detail: z.string() })).optional(),
  repeated: z.boolean().optional(),
  fired: z.number().optional(),
  resolved: z.number().optional(),
  unchanged: z.number().optional(),
  threads: z.number().optional(),
  detail: z.string().optional(),
  code: z.string().optional(),
  reference_id: z.string().optional(),
});
const threadsSchema = z.object({ threads: z.array(z.object({ thread_id: z.string(), title: z.string() })) });

export type Posted = z.infer<typeof takenSchema> & { readonly status: number };

/** Alerts as their senders and the admins of a bot deal with them. */
export interface AlertDesk {
  /** Makes a route of this name, and gives its id. */
  route(name: string, values?: object): Promise<string>;
  /** Delivers to a route with the sender's token, or with other headers. */
  post(name: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Posted>;
  /** Threads of the ops channel whose title has this in it, the newest first. */
  threads(title: string): Promise<readonly string[]>;
}

export function alertDesk(bot: Pick<TestBot, 'fetch' | 'url'>): AlertDesk {
  return {
    async route(name, values = {}) {
      const row = { name, format: 'json', secret_key: 'env:SENDER_TOKEN', ...values };
      const made = await bot.fetch('/api/plugins/ai-ops/alert-routes/', {
        method: 'POST',
        body: JSON.stringify(row),
      });
      const body: unknown = await made.json();
      if (made.status !== 201) throw new Error(JSON.stringify(body));
      return routeSchema.parse(body).id;
    },
    async post(name, body, headers = { authorization: `Bearer ${senderEnv.SENDER_TOKEN}` }) {
      const response = await fetch(new URL(`/hooks/alerts/${name}`, bot.url), {
        method: 'POST',
        headers,
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
      return { ...takenSchema.parse(await response.json()), status: response.status };
    },
    async threads(title) {
      const answer = await bot.fetch('/plugins/ai-ops/api/channels/ops/');
      const { threads } = threadsSchema.parse(await answer.json());
      return threads.filter((thread) => thread.title.includes(title)).map(({ thread_id }) => thread_id);
    },
  };
}

/** An example of what a sender posts, as its vendor documents it. */
export async function exampleText(name: string): Promise<string> {
  return await readFile(new URL(`../fixtures/alerts/${name}.json`, import.meta.url), 'utf8');
}

/** The same with all of it resolved. */
export async function resolvedText(name: string): Promise<string> {
  return (await exampleText(name)).replaceAll('"firing"', '"resolved"');
}
