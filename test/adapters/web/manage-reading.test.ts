import { describe, expect, it } from 'vitest';
import { alsoIn } from '../../../adapters/web/client/manage/audit-also.ts';
import { inSentence } from '../../../adapters/web/client/manage/in-sentence.ts';
import { headOf, readResult } from '../../../adapters/web/client/manage/result.ts';
import { aboutRow } from '../../../adapters/web/client/manage/row-facts.ts';
import { actionsOf, listActionsOf } from '../../../adapters/web/client/manage/row-rules.ts';
import { readTools } from '../../../adapters/web/client/manage/tool-list.ts';
import { decided, overridesIn } from '../../../adapters/web/client/manage/tool-overrides.ts';
import { field } from './fake-fields.ts';

const resource = {
  ...{ path: 'llm-middleware', word: 'middleware', one: 'middleware', many: 'Middleware', help: '' },
  name_field: 'name',
  may: { view: true, add: true, change: true, delete: true },
  columns: [],
  form: {
    title: 'New',
    submit: 'Create',
    fields: [field('value', { type: 'text' }, { help: 'Empty: the default.' })],
  },
  filters: [],
  search: false,
  actions: ['test', 'set-default'].map((name) => ({
    ...{ name, label: name, help: '', method: 'POST' as const, may: true },
  })),
};

describe('reading what the API says', () => {
  it('tells what a deletion did to other rows', () => {
    const also = [
      { resource: 'llm-middleware', onDelete: 'cascade', count: 2, names: ['a', 'b'] },
      { resource: 'unknown', onDelete: 'clear', count: 1, names: [] },
    ];
    expect(alsoIn(also, [resource])).toEqual([
      '2 middleware deleted with it: a, b',
      '1 unknown no longer refer to it',
    ]);
    expect(alsoIn(undefined, [])).toEqual([]);
  });

  it('writes headings small within a sentence, and abbreviations as they are', () => {
    expect(['Middleware', 'LLM models', 'API tokens'].map(inSentence)).toEqual([
      'middleware',
      'LLM models',
      'API tokens',
    ]);
  });

  it('says nothing a second time that the form of a row explains', () => {
    const row = { id: '1', display: 'limit', value: null, default: 25, description: 'How many.' };
    expect(aboutRow({ ...resource, has_row_form: true }, row)).toEqual([]);
    expect(aboutRow(resource, row).map(({ name }) => name)).toEqual(['default', 'description']);
  });

  it('does not offer to make a row what it is', () => {
    const namesFor = (is_default: boolean) =>
      actionsOf(resource, { id: '1', display: 'm', is_default }).map(({ name }) => name);
    expect(namesFor(true)).toEqual(['test']);
    expect(namesFor(false)).toEqual(['test', 'set-default']);
  });

  it('offers an action only for the rows that it is for, and rare ones not in lists', () => {
    const connect = { name: 'connect', label: 'Connect', help: '', method: 'POST' as const, may: true };
    const rare = { ...connect, is_rare: true, shown_when: { field: 'auth', in: ['oauth_bot'] } };
    const servers = { ...resource, actions: [...resource.actions.slice(0, 1), rare] };
    const names = (auth: string, of: typeof actionsOf) =>
      of(servers, { id: '1', display: 's', auth }).map(({ name }) => name);
    expect(names('none', actionsOf)).toEqual(['test']);
    expect(names('oauth_bot', actionsOf)).toEqual(['test', 'connect']);
    expect(names('oauth_bot', listActionsOf)).toEqual(['test']);
  });

  it('tells what was found out about a row in words, and nothing of what is empty', () => {
    const price = { input: 2, cache_write: null, tiers: [], unit: 'USD' };
    const row = { id: '1', display: 'm', azure_endpoint: '', price, tiered: { tiers: [{ above: 1 }] } };
    expect(aboutRow(resource, row)).toEqual([
      { name: 'price', label: 'Price', value: 'Input 2 · Unit USD' },
      { name: 'tiered', label: 'Tiered', value: { tiers: [{ above: 1 }] } },
    ]);
  });

  it('keeps an address that an action gives apart, to be opened by a click', () => {
    const url = 'https://bot.example.com/oauth/mcp/start?link=x';
    expect(readResult({ url, expires_at: 'soon' })).toMatchObject({
      link: url,
      facts: [{ name: 'expires_at' }],
      texts: [],
    });
    expect(readResult({ url: 'javascript:alert(1)' }).link).toBeUndefined();
    expect(readResult({ success: true, url }).link).toBeUndefined();
  });

  it('counts what is listed once, and shows nobody an id', () => {
    const id = '2be023ab-94f7-4f86-bf56-20d210c80651';
    const run = { outcome: 'done', duration_ms: 15_300, approval_id: null, id };
    const { facts, tables } = readResult({ count: 1, run_id: id, cost_usd: 0.13, runs: [run] });
    expect(facts).toEqual([{ name: 'cost_usd', label: 'Cost', value: '$0.13' }]);
    expect(tables.map(({ columns }) => columns)).toEqual([['outcome', 'duration_ms']]);
    expect(['duration_ms', 'cost_usd', 'thread_id', 'turn_id'].map(headOf)).toEqual([
      'Duration',
      'Cost',
      'Thread',
      'Turn ID',
    ]);
  });

  it('keeps of overrides only what says something', () => {
    const before = overridesIn('{"a": {"effect": "read", "offer": false}}') ?? {};
    const without = decided(before, 'a', ['effect', undefined]);
    expect(without).toEqual({ a: { offer: false } });
    expect(decided(without, 'a', ['offer', undefined])).toEqual({});
    expect(overridesIn('{')).toBeUndefined();
    expect(overridesIn('')).toEqual({});
  });

  it('takes no other answer for a list of tools', () => {
    expect(readTools({ text: 'x' })).toBeUndefined();
    expect(readTools({ tools: [{ name: 'only' }] })).toBeUndefined();
    expect(readTools({ count: 0, tools: [] })).toEqual({ tools: [] });
  });
});
