import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { startStrictLlm } from '../test/fakes/llm/server.ts';
import { defineMany, manyServers, manyToolsOf } from '../test/fakes/many-tools.ts';
import { startMcpServer } from '../test/fakes/mcp-server.ts';
import { startBot } from './bot.ts';
import { answer } from './work.ts';

/** What the definitions of many tools cost over a turn that uses one of them; tokens of four characters. */
export interface Tools {
  readonly count: number;
  /** Sent by the bot over all model calls of the turn: those in front, and those that it found. */
  readonly tokens: number;
  readonly modelCalls: number;
  /** What sending all of them would be, in the two model calls that the turn has then. */
  readonly allTokens: number;
}

export interface ToolsOptions {
  /** Of an empty database. */
  readonly databaseUrl: string;
  readonly signal: AbortSignal;
}

const charactersPerToken = 4;
const used = 'kubernetes__list_deployments';

/** Runs one such turn on a bot of its own, with four MCP servers of fifty tools each. */
export async function measureTools(options: ToolsOptions): Promise<Tools> {
  const { databaseUrl, signal } = options;
  const closers: (() => Promise<unknown>)[] = [];
  try {
    const folder = await mkdtemp(join(tmpdir(), 'ai-ops-bench-tools-'));
    closers.push(() => rm(folder, { recursive: true, force: true }));
    const llm = await startStrictLlm();
    closers.push(llm.close);
    const servers = [];
    for (const name of manyServers) {
      const server = await startMcpServer(defineMany(name, () => 'All deployments are ready.'));
      closers.push(server.close);
      servers.push({ name, url: server.url });
    }
    const bot = await startBot({ databaseUrl, modelUrl: `${llm.url}/v1`, servers, folder });
    closers.push(bot.stop);
    await bot.toolsReady();
    signal.throwIfAborted();
    llm.script(
      { calls: [call('find_tools', { query: 'list kubernetes deployments' })] },
      { calls: [call('call_tool', { name: used, arguments: { project: 'shop' } })] },
      { text: answer },
    );
    await bot.turn('tools');
    return spentIn(llm.requests.map(({ body }) => requestSchema.parse(body)));
  } finally {
    for (const close of closers.reverse()) await close().catch(() => undefined);
  }
}

const call = (name: string, args: object) => ({ name, arguments: JSON.stringify(args) });

const requestSchema = z.object({
  tools: z.array(z.unknown()),
  input: z.array(
    z.looseObject({
      type: z.string().optional(),
      name: z.string().optional(),
      call_id: z.string().optional(),
      output: z.string().optional(),
    }),
  ),
});

type Request = z.infer<typeof requestSchema>;

function spentIn(requests: readonly Request[]): Tools {
  const all = manyServers.flatMap(manyToolsOf);
  const definitions = all.map(({ name, description, inputSchema }) => ({ name, description, inputSchema }));
  const characters = requests.reduce((sum, request) => sum + definitionsIn(request), 0);
  return {
    count: all.length,
    tokens: Math.ceil(characters / charactersPerToken),
    modelCalls: requests.length,
    allTokens: Math.ceil((2 * JSON.stringify(definitions).length) / charactersPerToken),
  };
}

/** Characters of definitions in a request: those of its tools, and those that came as results. */
function definitionsIn({ tools, input }: Request): number {
  const finds = new Set(input.filter(({ name }) => name === 'find_tools').map((item) => item.call_id));
  const found = input.filter((item) => item.output !== undefined && finds.has(item.call_id));
  return JSON.stringify(tools).length + found.reduce((sum, { output = '' }) => sum + output.length, 0);
}
