import { describe, expect, it } from 'vitest';
import { expand, isPermission, lacking, permissionNames } from '../../src/access/permissions.ts';

const all = permissionNames(['llmmodel', 'role']);

describe('the permissions', () => {
  it('are four of each resource and five that are about none', () => {
    expect([...all]).toEqual([
      'chat',
      'approve',
      'view_audit',
      'view_usage',
      'manage_access',
      ...['view', 'add', 'change', 'delete'].map((verb) => `ai_ops.${verb}_llmmodel`),
      ...['view', 'add', 'change', 'delete'].map((verb) => `ai_ops.${verb}_role`),
    ]);
  });

  it.each<[readonly string[], readonly string[]]>([
    [['*'], [...all]],
    [['ai_ops.view_*'], ['ai_ops.view_llmmodel', 'ai_ops.view_role']],
    [['ai_ops.*_role'], [...all].filter((name) => name.endsWith('_role'))],
    [
      ['approve', 'chat'],
      ['chat', 'approve'],
    ],
    [['ai_ops.view_nothing', 'ai.ops.*', 'aixops.view_*', 'chat*x', 'CHAT', ''], []],
    [[], []],
  ])('%j stands for %j', (held, names) => {
    expect([...expand(held, all)]).toEqual(names);
  });

  it.each<[string, readonly string[]]>([
    ['*', ['', 'chat', 'a.b']],
    ['a*', ['a', 'ab', 'a*']],
    ['*a', ['a', 'ba', 'aa']],
    ['a*a', ['aa', 'aba']],
    ['a*b*c', ['abc', 'axbxc', 'abbcc']],
    ['*b*', ['b', 'abc']],
    ['a**c', ['ac', 'abc']],
    ['ab*ba', ['abba', 'abcba']],
  ])('%s matches whole names, and no letter twice', (pattern, matched) => {
    const others = ['aba', 'ac', 'xa', 'cba', 'acb', 'ax', 'bacb', 'A', 'aab.'];
    const expected = new RegExp(`^${pattern.replaceAll(/\*+/g, '.*')}$`);
    const names = new Set([...matched, ...others]);
    expect([...expand([pattern], names)]).toEqual([...names].filter((name) => expected.test(name)));
    expect([...expand([pattern], new Set(matched))]).toEqual(matched);
  });

  it('are found at once, however many stars a wildcard has', () => {
    const hostile = [`${'*'.repeat(60)}!`, `${'a*'.repeat(5000)}!`, `${'*_'.repeat(5000)}!`];
    expect([...expand(hostile, all)]).toEqual([]);
  });

  it.each<[string, boolean]>([
    ['chat', true],
    ['*', true],
    ['ai_ops.*_role', true],
    ['**', false],
    ['ai_ops.**', false],
    ['', false],
    ['CHAT', false],
    ['chat ', false],
    ['chat!', false],
    ['chat\n', false],
    ['a'.repeat(101), false],
  ])('%j is written as one: %s', (text, isOne) => {
    expect(isPermission(text)).toBe(isOne);
  });

  it('that somebody does not hold cannot be hidden in a wildcard', () => {
    const held = new Set(['chat', 'ai_ops.view_role']);
    expect(lacking(held, ['ai_ops.view_*', 'chat'], all)).toEqual(['ai_ops.view_llmmodel']);
    expect(lacking(held, ['chat'], all)).toEqual([]);
    expect(lacking(all, ['*'], all)).toEqual([]);
  });
});
