import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPError } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  PromptListChangedNotificationSchema,
  ResourceListChangedNotificationSchema,
  ResourceUpdatedNotificationSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import type { JsonObject } from '../../agent/json.ts';
import { answerQuestions, asksPeople, pagesIn } from './asked.ts';
import { type RequestFailure, readFailure } from './call-failure.ts';
import type { Questions } from './elicitation.ts';
import { explain } from './explain.ts';
import { allPages } from './pages.ts';
import { type Progress, progressText } from './progress.ts';
import type { TellingTransport } from './transports.ts';
import { deadline, orAbort } from './wait.ts';

/**
 * One session with an MCP server, from `connect` to `close`; it is never opened twice. This file, the
 * transports, `call-failure.ts` and `explain.ts` alone know the version of the MCP SDK.
 */
export interface Connection {
  /** Throws a sentence on why there is no session; then only `close` may follow. */
  connect(signal: AbortSignal): Promise<void>;
  /** What the server said it can do; nothing before `connect`. */
  abilities(): Abilities;
  /** What the server says of how to use it, unjudged; empty: nothing. */
  instructions(): string;
  /** All pages of the list, unjudged. */
  listTools(signal: AbortSignal): Promise<readonly unknown[]>;
  /** Throws only when `signal` aborts; the server is told that the call was cancelled. */
  callTool(request: CallRequest): Promise<CallAnswer>;
  /** Any other request, with the same promises. */
  ask(request: AskRequest): Promise<CallAnswer>;
  /** Asks for a sign of life. A server that is gone, or silent while no call is running, is lost. */
  ping(timeoutMs: number): Promise<void>;
  close(): Promise<void>;
}

/** The parts of the protocol that a server speaks. */
export interface Abilities {
  readonly tools: boolean;
  readonly resources: boolean;
  /** Tells when a resource that was subscribed to has changed. */
  readonly subscriptions: boolean;
  readonly prompts: boolean;
}

/** How long a request may take. */
export interface Limits {
  readonly signal: AbortSignal;
  /** Without a word of progress for so long, the call has failed. */
  readonly timeoutMs: number;
  /** However much progress is reported, the call ends here. */
  readonly maxTotalMs: number;
}

export interface AskRequest extends Limits {
  readonly method: string;
  readonly params: JsonObject;
  /** Hears what the server says of its progress, at most a few times a second. */
  readonly onProgress?: ((text: string) => void) | undefined;
  /** Hears what the server asks the person meanwhile. Absent: nobody can be asked. */
  readonly questions?: Pick<Questions, 'hear' | 'missed'> | undefined;
}

export interface CallRequest extends Omit<AskRequest, 'method' | 'params'> {
  readonly tool: string;
  readonly args: JsonObject;
}

/** How a call ended. */
export type CallAnswer = { readonly type: 'result'; readonly result: unknown } | RequestFailure;

export interface ConnectionEvents {
  /** The session, once connected, ended without being closed; told once. */
  onClose(why: string): void;
  onToolsChanged(): void;
  /** The resources and their templates, or the prompts, are others now. */
  onContextChanged?(kind: 'resources' | 'prompts'): void;
  /** A resource that was subscribed to, or a part of it, has changed. */
  onResourceUpdated?(uri: string): void;
  /** Something went wrong that may or may not have ended the session. */
  onTrouble?(error: Error): void;
}

const closed = 'the connection was closed';
const anyResult = z.looseObject({});
/** A server that let a call run out of time is asked whether it is still there. */
const signOfLifeMs = 5_000;

/** A connection over any transport. `version` is the bot's own, told to the server. */
export function createConnection(
  transport: TellingTransport,
  version: string,
  events: ConnectionEvents,
): Connection {
  const client = new Client({ name: 'ai-ops-bot', version }, { capabilities: asksPeople });
  let ended: string | undefined;
  let isOpen = false;
  let running = 0;

  const lose = (why: string) => {
    if (ended !== undefined) return;
    ended = transport.trouble?.() ?? why;
    if (isOpen) events.onClose(ended);
    client.close().catch(() => {});
  };
  client.onclose = () => lose(closed);
  client.onerror = (error) => events.onTrouble?.(error);
  listen(client, events);
  const calls = answerQuestions(client);

  const request = async (asked: AskRequest): Promise<CallAnswer> => {
    const total = deadline(asked.maxTotalMs, asked.signal);
    const tell = progressText(asked.onProgress);
    const { method, params, timeoutMs: timeout } = asked;
    try {
      const onprogress = (progress: Progress) => tell(progress);
      const options = { signal: total.signal, timeout, resetTimeoutOnProgress: true, onprogress };
      return {
        type: 'result',
        result: await client.request({ method, params: { ...params } }, anyResult, options),
      };
    } catch (error) {
      asked.signal.throwIfAborted();
      for (const page of pagesIn(error)) asked.questions?.hear(page);
      if (total.expired()) return { type: 'timeout', afterMs: asked.maxTotalMs };
      return readFailure(error, { ended, timeoutMs: timeout });
    } finally {
      total.release();
    }
  };

  const ask = async (asked: AskRequest): Promise<CallAnswer> => {
    asked.signal.throwIfAborted();
    running += 1;
    const answer = await calls
      .run(asked.questions, () => request(asked))
      .finally(() => {
        running -= 1;
      });
    if (answer.type === 'lost') lose(answer.why);
    if (answer.type === 'timeout') void ping(signOfLifeMs);
    return answer;
  };

  const ping = async (timeoutMs: number) => {
    try {
      await client.ping({ timeout: timeoutMs });
    } catch (error) {
      const failure = readFailure(error, { ended, timeoutMs });
      if (failure.type === 'timeout' && running === 0)
        lose(`it did not answer a ping within ${timeoutMs / 1000} s`);
      if (failure.type === 'lost') lose(failure.why);
      if (error instanceof StreamableHTTPError) lose(explain(error));
    }
  };

  return {
    connect: async (signal) => {
      try {
        await orAbort(client.connect(transport, { signal }), signal);
        isOpen = ended === undefined;
        if (!isOpen) throw new Error(ended);
      } catch (error) {
        ended = closed;
        throw new Error(signal.aborted ? explain(signal.reason) : explain(error), { cause: error });
      }
    },
    abilities: () => abilitiesOf(client),
    instructions: () => client.getInstructions() ?? '',
    listTools: async (signal) => {
      if (!abilitiesOf(client).tools) return [];
      return await allPages('tools', 'tools', (cursor) =>
        client.request({ method: 'tools/list', params: cursor === undefined ? {} : { cursor } }, anyResult, {
          signal,
        }),
      );
    },
    callTool: ({ tool, args, ...limits }) =>
      ask({ ...limits, method: 'tools/call', params: { name: tool, arguments: { ...args } } }),
    ask,
    ping,
    close: async () => {
      ended ??= closed;
      await client.close();
      await transport.close();
    },
  };
}

function listen(client: Client, events: ConnectionEvents): void {
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => events.onToolsChanged());
  client.setNotificationHandler(ResourceListChangedNotificationSchema, () =>
    events.onContextChanged?.('resources'),
  );
  client.setNotificationHandler(PromptListChangedNotificationSchema, () =>
    events.onContextChanged?.('prompts'),
  );
  client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) =>
    events.onResourceUpdated?.(params.uri),
  );
}

function abilitiesOf(client: Client): Abilities {
  const said = client.getServerCapabilities() ?? {};
  return {
    tools: said.tools !== undefined,
    resources: said.resources !== undefined,
    subscriptions: said.resources?.subscribe === true,
    prompts: said.prompts !== undefined,
  };
}
