import { expect, test } from 'vitest';
import { nameTools } from '../../../src/tools/mcp/names.ts';

const allowed = /^[A-Za-z0-9_-]{1,64}$/;
const names = (server: string, ...tools: readonly string[]) => [...nameTools(server, tools).keys()];

test('a tool is called by its server and its own name', () => {
  expect([...nameTools('k8s', ['list_pods', 'get-logs'])]).toEqual([
    ['k8s__list_pods', 'list_pods'],
    ['k8s__get-logs', 'get-logs'],
  ]);
});

test('characters that vendors refuse are replaced', () => {
  expect(names('k8s', 'pods.list')).toEqual(['k8s__pods_list']);
});

test('names that would clash get a hash, and the one that needed no change keeps its own', () => {
  const named = nameTools('k8s', ['pods.list', 'pods_list', 'pods/list']);
  expect(named.size).toBe(3);
  expect(named.get('k8s__pods_list')).toBe('pods_list');
  for (const name of named.keys()) expect(name).toMatch(allowed);
});

test('long names keep their beginning, fit into 64 characters and stay different', () => {
  const long = 'a'.repeat(80);
  const [first = '', second = ''] = names('grafana', `${long}1`, `${long}2`);
  expect(first).toMatch(allowed);
  expect(first).toMatch(/^grafana__a+_[0-9a-f]{8}$/);
  expect(first).toHaveLength(64);
  expect(second).not.toBe(first);
});

test('no two servers give the same name', () => {
  const pairs = [
    ['a', 'b__c'],
    ['a__b', 'c'],
    ['a_', 'b'],
    ['a', '_b'],
    ['my server', 't'],
    ['my.server', 't'],
    ['my_server', 't'],
    ['', 't'],
    ['s'.repeat(40), 't'],
    [`${'s'.repeat(40)}x`, 't'],
    ['日本', 't'],
    ['中国', 't'],
  ] as const;
  const all = pairs.flatMap(([server, tool]) => names(server, tool));
  expect(new Set(all).size).toBe(pairs.length);
  for (const name of all) expect(name).toMatch(allowed);
});

test("a plain name cannot pose as another tool's hashed one", () => {
  const [hashed = ''] = names('s', 'x'.repeat(80));
  const posing = hashed.slice('s__'.length);
  expect(names('s', posing)[0]).not.toBe(hashed);
});

test('a tool that is listed twice is offered once, and a name does not depend on the order of the list', () => {
  expect(names('s', 'a', 'a')).toEqual(['s__a']);
  expect(new Map([...nameTools('s', ['a.b', 'a/b'])])).toEqual(new Map([...nameTools('s', ['a/b', 'a.b'])]));
});
