import { expect, test } from 'vitest';
import { readResult } from '../../../src/tools/mcp/result.ts';

const data = Buffer.alloc(1500).toString('base64');

test('text is joined, and a failure is marked', () => {
  const content = [
    { type: 'text', text: 'a' },
    { type: 'text', text: 'b' },
  ];
  expect(readResult({ content })).toEqual({ text: 'a\nb', isError: false });
  expect(readResult({ content, isError: true })).toEqual({ text: 'a\nb', isError: true });
});

test('what is no text is named by type and size', () => {
  const content = [
    { type: 'image', data, mimeType: 'image/png' },
    { type: 'audio', data: 'AAAA', mimeType: 'audio/wav' },
    { type: 'resource', resource: { uri: 'file:///a.bin', blob: data, mimeType: 'application/zip' } },
  ];
  const outcome = readResult({ content });
  expect(outcome.text).toBe(
    '[image: image/png, 1.5 kB]\n[audio: audio/wav, 3 bytes]\n[resource file:///a.bin: application/zip, 1.5 kB]',
  );
  expect(outcome.links).toEqual([{ uri: 'file:///a.bin' }]);
});

test('pictures are those that their bytes say, and what is none is only named', () => {
  const gif = Buffer.from('GIF89a, and so on').toString('base64');
  const content = [
    { type: 'image', data, mimeType: 'image/png' },
    { type: 'image', data: 'no base64 at all!', mimeType: 'image/png' },
    { type: 'image', data: `\n${gif.slice(0, 8)}\n${gif.slice(8)}`, mimeType: 'image/png' },
    { type: 'resource', resource: { uri: 'file:///a.gif', blob: gif, mimeType: 'application/zip' } },
  ];
  expect(readResult({ content }).images).toEqual([{ mimeType: 'image/gif', data: gif }]);
});

test('links and embedded texts are collected', () => {
  const content = [
    { type: 'resource_link', uri: 'https://example.test/1', name: 'one', description: 'first' },
    { type: 'resource', resource: { uri: 'file:///a.txt', text: 'words' } },
  ];
  expect(readResult({ content })).toEqual({
    text: '[link one <https://example.test/1>: first]\nfile:///a.txt:\nwords',
    links: [{ uri: 'https://example.test/1', name: 'one' }, { uri: 'file:///a.txt' }],
    isError: false,
  });
});

test('structured content is kept, and stands in for a missing text', () => {
  expect(
    readResult({ content: [{ type: 'text', text: 'one pod' }], structuredContent: { pods: 1 } }),
  ).toEqual({
    text: 'one pod',
    structured: { pods: 1 },
    isError: false,
  });
  expect(readResult({ structuredContent: { pods: 1 } }).text).toBe('{\n  "pods": 1\n}');
});

test('nothing, unknown blocks and nonsense are said, not thrown', () => {
  expect(readResult({ content: [] }).text).toBe('The tool returned nothing.');
  expect(readResult({ content: [{ type: 'hologram' }, { type: 'text', text: 'x' }] }).text).toBe(
    '[a block of an unknown kind]\nx',
  );
  expect(readResult('nonsense')).toMatchObject({ isError: true });
});
