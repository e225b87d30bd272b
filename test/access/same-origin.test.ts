import { describe, expect, it } from 'vitest';
import { isSameOrigin } from '../../src/access/same-origin.ts';

describe('a session may be used from', () => {
  it.each<[string, Record<string, string>, boolean]>([
    ['a page of this bot', { 'sec-fetch-site': 'same-origin' }, true],
    ['the address bar', { 'sec-fetch-site': 'none' }, true],
    ['a sister site', { 'sec-fetch-site': 'same-site', origin: 'http://bot.example' }, false],
    ['another site', { 'sec-fetch-site': 'cross-site', origin: 'http://bot.example' }, false],
    ['this origin, in a browser without fetch metadata', { origin: 'http://bot.example' }, true],
    ['the public origin, behind a proxy that rewrites the host', { origin: 'https://public.example' }, true],
    ['a sandboxed page', { origin: 'null' }, false],
  ])('%s: %j → %s', (_name, headers, expected) => {
    const request = { method: 'POST', headers: { host: 'bot.example', ...headers } };
    expect(isSameOrigin(request, 'https://public.example')).toBe(expected);
  });

  it('anywhere, to read', () => {
    expect(isSameOrigin({ method: 'GET', headers: { 'sec-fetch-site': 'cross-site' } })).toBe(true);
  });
});
