import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createPostgresDatabase } from '../fakes/database.ts';
import { defineMany, manyServers } from '../fakes/many-tools.ts';
import { openStage, type Stage, whenConnected } from './stage.ts';

/** A bot with 200 tools on four servers, and a model that finds the one it needs. */

const charactersPerToken = 4;
const ran: string[] = [];
let stage: Stage;

beforeAll(async () => {
  stage = await openStage({
    env: { DATABASE_URL: await createPostgresDatabase('migrated') },
    servers: manyServers.map((name) => ({
      name,
      isTrusted: true,
      define: defineMany(name, (tool, args) => {
        ran.push(`${name}/${tool} ${JSON.stringify(args)}`);
        return `${tool} done`;
      }),
    })),
  });
  await whenConnected(stage, 'host', ...manyServers);
});

afterAll(() => stage.close());

const requestSchema = z.object({
  tools: z.array(z.object({ function: z.looseObject({ name: z.string() }) })),
  messages: z.array(
    z.object({
      role: z.string(),
      content: z.string().nullable().default(null),
      tool_calls: z.array(z.object({ id: z.string(), function: z.object({ name: z.string() }) })).default([]),
      tool_call_id: z.string().optional(),
    }),
  ),
});

type Request = z.infer<typeof requestSchema>;

function requestsSince(first: number): readonly Request[] {
  return stage.llm.requests.slice(first).map(({ body }) => requestSchema.parse(body));
}

/** Characters of definitions in a request: those of its tools, and those that came as results. */
function definitionsIn({ tools, messages }: Request): number {
  const found = messages
    .flatMap((message) => message.tool_calls)
    .filter((call) => call.function.name === 'find_tools')
    .map(({ id }) => messages.find((message) => message.tool_call_id === id)?.content ?? '');
  return JSON.stringify(tools).length + found.join('').length;
}

const call = (name: string, args: object) => ({ calls: [{ name, arguments: JSON.stringify(args) }] });

test('a turn that uses one of 200 tools sends at most 8,000 tokens of definitions', async () => {
  const before = stage.llm.requests.length;
  stage.llm.script(
    call('find_tools', { query: 'list kubernetes deployments' }),
    call('call_tool', { name: 'kubernetes__list_deployments', arguments: { project: 'shop' } }),
    { text: 'All is well.' },
  );
  const answer = await stage.ask('How are the deployments of shop?', 'cheap');
  expect(answer).toMatchObject({ status: 'done', response: 'All is well.' });
  expect(ran.at(-1)).toBe('kubernetes/list_deployments {"project":"shop"}');
  const requests = requestsSince(before);
  expect(requests).toHaveLength(3);
  expect(requests[1]?.messages.at(-1)?.content).toContain('"name":"kubernetes__list_deployments"');
  const spent = requests.reduce((sum, request) => sum + definitionsIn(request), 0) / charactersPerToken;
  expect(spent).toBeLessThanOrEqual(8000);
  for (const { tools } of requests) {
    expect(JSON.stringify(tools).length / charactersPerToken).toBeLessThanOrEqual(2000);
  }
});

test('what a model is told of its tools is the same in every turn', async () => {
  const before = stage.llm.requests.length;
  stage.llm.script({ text: 'Hello.' }, { text: 'And again.' });
  await stage.ask('Hi', 'prefix-1');
  await stage.ask('Hi', 'prefix-2');
  const [first, second] = requestsSince(before).map(({ tools }) => JSON.stringify(tools));
  expect(second).toBe(first);
  const names = requestsSince(before)[0]?.tools.map((tool) => tool.function.name) ?? [];
  expect(names.slice(0, 3)).toEqual(['find_tools', 'call_tool', 'read_result']);
  expect(names.slice(3).every((name) => name.startsWith('host__'))).toBe(true);
  expect(names.length).toBeGreaterThan(3);
});

test('people are asked about the tool inside, and the vendor sees the call as it was made', async () => {
  const before = stage.llm.requests.length;
  const inner = { project: 'shop', deployment_id: 'web' };
  stage.llm.script(
    call('call_tool', { name: 'kubernetes__update_deployments', arguments: JSON.stringify(inner) }),
  );
  const asked = await stage.ask('Update web', 'writes');
  expect(asked.status).toBe('waiting');
  const [approval] = (await stage.thread('writes')).turn.approvals;
  expect(approval).toMatchObject({ tool: 'kubernetes__update_deployments', effect: 'write' });
  expect(JSON.parse(approval?.arguments ?? '')).toEqual(inner);
  stage.llm.script({ text: 'Updated.' });
  await stage.decide(asked.approval_ids[0], 'approve');
  const { messages, turn } = await stage.settled('writes');
  expect(turn.status).toBe('done');
  expect(ran.at(-1)).toBe(`kubernetes/update_deployments ${JSON.stringify(inner)}`);
  expect(messages.find(({ role }) => role === 'tool')).toMatchObject({
    tool: 'kubernetes__update_deployments',
    status: 'ok',
  });
  const [made] =
    requestsSince(before)
      .at(-1)
      ?.messages.flatMap((message) => message.tool_calls) ?? [];
  expect(made?.function.name).toBe('call_tool');
});

test('a tool that was found may be called by its own name as well', async () => {
  stage.llm.script(call('github__list_issues', { project: 'shop' }), { text: 'None.' });
  expect((await stage.ask('Any issues?', 'direct')).response).toBe('None.');
  expect(ran.at(-1)).toBe('github/list_issues {"project":"shop"}');
});

test('a call without what the tool needs, or of no tool, says what to do', async () => {
  const before = stage.llm.requests.length;
  stage.llm.script(
    call('call_tool', { name: 'github__list_issues', arguments: {} }),
    call('call_tool', { name: 'github__list_isue', arguments: {} }),
    { text: 'I see.' },
  );
  await stage.ask('Any issues?', 'wrong');
  const [, second, third] = requestsSince(before);
  expect(second?.messages.at(-1)?.content).toMatch(/^Error: Not run: github__list_issues needs project\./);
  expect(third?.messages.at(-1)?.content).toMatch(
    /^Error: There is no tool github__list_isue\. Available: github__list_issues/,
  );
});

test('a model that keeps making the same call inside is stopped', async () => {
  const same = call('call_tool', { name: 'github__list_issues', arguments: { project: 'shop' } });
  const again = call('github__list_issues', { project: 'shop' });
  stage.llm.script(same, again, same, again, same);
  const answer = await stage.ask('Again', 'loop');
  expect(answer).toMatchObject({ status: 'failed', code: 'loop' });
  expect(answer.response).toContain('github__list_issues');
});

test('a tool that an admin marks is told of in front', async () => {
  const rest = '/api/plugins/ai-ops/mcp-servers/';
  const found = await (await stage.bot.fetch(`${rest}?name=grafana`)).json();
  const { results } = z.object({ results: z.array(z.object({ id: z.string() })) }).parse(found);
  const body = JSON.stringify({ tool_overrides: { get_silences: { core: true } } });
  const headers = { 'content-type': 'application/json' };
  const changed = await stage.bot.fetch(`${rest}${results[0]?.id}/`, { method: 'PATCH', body, headers });
  expect(changed.status).toBe(200);
  const before = stage.llm.requests.length;
  stage.llm.script({ text: 'Hello.' });
  await stage.ask('Hi', 'marked');
  expect(requestsSince(before)[0]?.tools[3]?.function.name).toBe('grafana__get_silences');
});
