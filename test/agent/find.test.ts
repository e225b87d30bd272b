import { describe, expect, it } from 'vitest';
import { estimateToolTokens } from '../../src/agent/budget.ts';
import { findTool } from '../../src/agent/find.ts';
import { coreTokens, offerTools } from '../../src/agent/offer.ts';
import { nearestNames, rankTools } from '../../src/agent/rank.ts';
import { readSpec } from '../../src/agent/read.ts';
import type { Tool } from '../../src/agent/tool.ts';
import { likeness, wordsOf } from '../../src/agent/words.ts';
import { manyServers, manyToolsOf } from '../fakes/many-tools.ts';
import { tool } from './stage.ts';

const many: readonly Tool[] = manyServers.flatMap((source) =>
  manyToolsOf(source).map(({ name, description, inputSchema }) => ({
    ...tool(`${source}__${name}`),
    description,
    inputSchema,
    source,
    sourceName: name,
  })),
);
const best = (question: string) => rankTools(many, question)[0]?.tool.name;
const signal = new AbortController().signal;
const find = async (args: object, tools = many) =>
  await findTool(tools, manyServers).run({ ...args }, signal);

describe('words', () => {
  it('are split at signs and where case changes, and singular', () => {
    expect(wordsOf('k8s__listPods: HTTPServer policies, statuses, process')).toEqual([
      'k8s',
      'list',
      'pod',
      'http',
      'server',
      'policy',
      'status',
      'process',
    ]);
  });

  it('stand for those that they begin, and those with one letter amiss', () => {
    expect(likeness('pod', 'pod')).toBe(1);
    expect(likeness('deploy', 'deployment')).toBeGreaterThan(likeness('deplyoment', 'deployment'));
    expect(likeness('deplyoment', 'deployment')).toBeGreaterThan(0);
    expect(likeness('incidet', 'incident')).toBeGreaterThan(0);
    expect(likeness('node', 'mode')).toBe(0);
    expect(likeness('release', 'service')).toBe(0);
  });
});

describe('ranking', () => {
  it.each([
    ['list the kubernetes pods', 'kubernetes__list_pods'],
    ['create pagerduty incident', 'pagerduty__create_incidents'],
    ['delete a silence in grafana', 'grafana__delete_silences'],
    ['search githb pullRequests', 'github__search_pull_requests'],
    ['export escalation policies', 'pagerduty__export_escalation_policys'],
  ])('finds what “%s” means', (question, name) => {
    expect(best(question)).toBe(name);
  });

  it('does not depend on the order of the tools', () => {
    const names = (tools: readonly Tool[]) => rankTools(tools, 'update alert').map((one) => one.tool.name);
    expect(names(many.toReversed())).toEqual(names(many));
  });

  it('gives the likest names for one that there is not', () => {
    const names = many.map(({ name }) => name);
    expect(nearestNames(names, 'github__lst_isues', 3)[0]).toBe('github__list_issues');
    expect(nearestNames(['b', 'a'], 'zzz', 1)).toEqual(['a']);
  });
});

describe('find_tools', () => {
  it('gives the best with their parameters and more by name, within 900 tokens', async () => {
    const { text } = await find({ query: 'list pods' });
    expect(text.length).toBeLessThanOrEqual(3600);
    const [first = ''] = text.split('\n');
    const pods = many.find(({ name }) => name === 'kubernetes__list_pods');
    expect(JSON.parse(first)).toEqual({
      name: pods?.name,
      description: pods?.description,
      parameters: pods?.inputSchema,
    });
    expect(text).toMatch(/By name only[^\n]*\n- \w+__\w+: /);
  });

  it('gives the whole definition for an exact name, however long', async () => {
    const long = { ...tool('big__one'), sourceName: 'one', description: 'x'.repeat(9000), source: 'big' };
    const { text } = await find({ query: 'big__one' }, [...many, long]);
    expect(JSON.parse(text)).toMatchObject({ name: 'big__one', description: long.description });
    expect((await find({ query: 'one' }, [...many, long])).text).toBe(text);
  });

  it('only names a tool whose definition does not fit', async () => {
    const long = { ...tool('big__zebra'), sourceName: 'z', description: `Zebra. ${'x'.repeat(9000)}` };
    const { text } = await find({ query: 'zebra' }, [long]);
    expect(text).toContain('- big__zebra: Zebra.');
    expect(text.length).toBeLessThan(400);
  });

  it('looks at one server alone when asked to, and lists its tools without a query', async () => {
    const { text } = await find({ query: 'list', server: 'github' });
    expect(text).not.toContain('kubernetes__');
    expect((await find({ query: '', server: 'github' })).text).toContain(
      '- github__list_issues: Lists issue in github.',
    );
  });

  it('says what there is when nothing matches', async () => {
    const { text, isError } = await find({ query: 'qwxyz' });
    expect(isError).toBe(false);
    expect(text).toContain('No tool matches “qwxyz”. Servers: github (50 tools), kubernetes (50 tools)');
    expect(await find({ query: 'list', server: 'nagios' })).toMatchObject({
      isError: true,
      text: expect.stringContaining('There is no server nagios. Servers: github (50 tools)'),
    });
  });
});

describe('what a model is told of its tools', () => {
  const options = { find: findTool(many, manyServers), own: [readSpec], budgetTokens: 4000, filler: 'host' };
  const names = (tools: readonly Tool[]) => offerTools(tools, options).map(({ name }) => name);
  const host = ['b', 'a'].map((name) => ({ ...tool(`host__${name}`), source: 'host' }));

  it('is everything within the budget', () => {
    expect(names(host)).toEqual(['read_result', 'host__b', 'host__a']);
    expect(names([])).toEqual([]);
  });

  it('is a core above it: what admins marked, then the bundled server’s, by name', () => {
    const marked = many.map((one) => (one.name === 'grafana__get_silences' ? { ...one, isCore: true } : one));
    expect(names([...marked, ...host])).toEqual([
      ...['find_tools', 'call_tool', 'read_result', 'grafana__get_silences', 'host__a', 'host__b'],
    ]);
  });

  it('is never more than the core may cost', () => {
    const all = many.map((one) => ({ ...one, isCore: true }));
    const offered = offerTools(all, options);
    expect(estimateToolTokens(offered)).toBeLessThanOrEqual(coreTokens);
    expect(offered.length).toBeGreaterThan(5);
    expect(offerTools(all.toReversed(), options)).toEqual(offered);
  });
});
