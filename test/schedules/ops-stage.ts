import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { z } from 'zod';
import { openStage, type Stage, type StageOptions } from '../bot/stage.ts';
import type { RecordedRequest } from '../fakes/llm/script.ts';
import type { ScriptedReply } from '../fakes/llm/server.ts';

const [untilMs, askEveryMs] = [60_000, 50];

/** Asked now and then: the API limits how often. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + untilMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`it never came to hold: ${holds}`);
    await sleep(askEveryMs);
  }
}

export const rest = '/api/plugins/ai-ops';
const api = '/plugins/ai-ops/api';

const rowSchema = z.looseObject({ id: z.string() });
const listSchema = z.object({ results: z.array(z.looseObject({ id: z.string(), name: z.string() })) });
const threadsSchema = z.object({ threads: z.array(z.object({ thread_id: z.string(), title: z.string() })) });
const startedSchema = z.object({ success: z.boolean(), run_id: z.string().optional() });
const concernSchema = z.object({ id: z.string(), state: z.string(), by: z.string().optional() });
const messagesSchema = z.object({
  messages: z.array(
    z.object({
      text: z.string(),
      concern: concernSchema.optional(),
      mentions: z.array(z.string()).optional(),
      details: z.array(z.object({ title: z.string(), text: z.string() })).optional(),
    }),
  ),
});
const runsSchema = z.object({
  runs: z.array(
    z.object({
      id: z.string(),
      outcome: z.string(),
      trigger: z.string(),
      due: z.string(),
      thread_id: z.string().nullable(),
      approval_id: z.string().nullable(),
      cost_usd: z.number().nullable(),
      duration_ms: z.number().nullable(),
      summary: z.string(),
    }),
  ),
});

export type RunJson = z.infer<typeof runsSchema>['runs'][number];

/** What the model answers; a test sets it. */
export type Answering = (request: RecordedRequest) => ScriptedReply;

/** A model that is there and fails. */
export const failing: Answering = () => ({ fault: { type: 'http', refusal: 'unauthorized' } });

/** A bot that does things by itself, each of them when a test wishes: nothing has a time of its own but the first report. */
export async function openOps(options: StageOptions = {}) {
  let answer: Answering = () => ({ text: 'hello' });
  const stage: Stage = await openStage({
    ...options,
    reply: (request) => answer(request),
    runsSchedules: true,
    // What waits seconds between two looks waits a hundredth of that.
    pause: (ms, signal) => sleep(ms / 100, undefined, { signal }),
  });
  const send = (path: string, method: string, body?: object) =>
    stage.bot.fetch(path, { method, ...(body && { body: JSON.stringify(body) }) });
  const get = async (path: string): Promise<unknown> => await (await stage.bot.fetch(path)).json();
  const rows = async (path: string) => listSchema.parse(await get(`${rest}/${path}/`)).results;
  const named = async (path: string, name: string) => (await rows(path)).find((row) => row.name === name);
  const opsThreads = async () => threadsSchema.parse(await get(`${api}/channels/ops/`)).threads;
  const titled = async (title: RegExp) => (await opsThreads()).find((thread) => title.test(thread.title));

  /** A tick of its own would come between what a test does. */
  async function stopClock(name: string): Promise<string> {
    const id = (await named('schedules', name))?.id ?? '';
    expect((await send(`${rest}/schedules/${id}/`, 'PATCH', { cron: '0 0 1 1 *' })).status).toBe(200);
    return id;
  }

  async function history(id: string): Promise<readonly RunJson[]> {
    return runsSchema.parse(await get(`${rest}/schedules/${id}/runs/`)).runs;
  }

  return {
    stage,
    ...{ send, get, named, opsThreads, stopClock, history },
    answers(next: Answering): void {
      answer = next;
    },
    async schedule(values: object): Promise<string> {
      const answered = await send(`${rest}/schedules/`, 'POST', { cron: '0 0 1 1 *', ...values });
      const body: unknown = await answered.json();
      expect(answered.status, JSON.stringify(body)).toBe(201);
      return rowSchema.parse(body).id;
    },
    /** Runs it now; the run once it has ended. */
    async run(id: string): Promise<RunJson | undefined> {
      let runId: string | undefined;
      await until(async () => {
        const started = await send(`${rest}/schedules/${id}/run-now/`, 'POST');
        runId = startedSchema.parse(await started.json()).run_id;
        return runId !== undefined;
      });
      const own = async () => (await history(id)).find((one) => one.id === runId);
      await until(async () => !['running', 'waiting'].includes((await own())?.outcome ?? 'running'));
      return await own();
    },
    /** The thread that a schedule opened in the ops channel, once it is there. */
    async opened(title: RegExp): Promise<string> {
      await until(async () => (await titled(title)) !== undefined);
      return (await titled(title))?.thread_id ?? '';
    },
    async said(thread: string) {
      return messagesSchema.parse(await get(`${api}/chat/${thread}/`)).messages;
    },
    async attend(concernId: string | undefined, body: object): Promise<number> {
      return (await send(`${api}/concerns/${concernId}/`, 'POST', body)).status;
    },
  };
}

export type Ops = Awaited<ReturnType<typeof openOps>>;
