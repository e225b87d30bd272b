import { describe, expect, it } from 'vitest';
import { usedInstructions } from '../../src/tools/mcp/offers.ts';
import { readTool } from '../../src/tools/mcp/schema.ts';
import { instructionsPin, waitingIn } from '../../src/tools/pins.ts';

const look = {
  name: 'look',
  description: 'Looks.',
  inputSchema: { type: 'object', properties: { host: { type: 'string' } } },
  annotations: { readOnlyHint: true },
};

function hashOf(entry: object): string {
  const read = readTool(entry);
  if (read.type !== 'tool') throw new Error(JSON.stringify(read));
  return read.tool.hash;
}

describe('the pin of a tool', () => {
  it('is the SHA-256 of its canonical definition', () => {
    expect(hashOf(look)).toBe('cb6810f16e8c00e7e6fa96d48994b59c1f5bc99df3a21cff3683695b955dfb53');
  });

  it('is the same in whatever order its keys come, and with what says nothing to models', () => {
    const { name, description, ...rest } = look;
    expect(hashOf({ ...rest, description, name })).toBe(hashOf(look));
    expect(hashOf({ ...look, _meta: { 'x.test/build': 7 } })).toBe(hashOf(look));
  });

  it.each([
    ['name', { name: 'look2' }],
    ['title', { title: 'Look!' }],
    ['description', { description: 'Looks. ' }],
    ['input schema', { inputSchema: { ...look.inputSchema, required: ['host'] } }],
    ['output schema', { outputSchema: { type: 'object' } }],
    ['annotations', { annotations: { readOnlyHint: true, destructiveHint: false } }],
    ['annotations that mean nothing', { annotations: { readOnlyHint: 'yes' } }],
    ['what cleaning leaves out', { inputSchema: { ...look.inputSchema, $schema: 'x' } }],
  ])('changes with its %s', (_part, change) => {
    expect(hashOf({ ...look, ...change })).not.toBe(hashOf(look));
  });

  it('is not made of a name or a definition that cannot be kept', () => {
    expect(readTool({ ...look, name: 'a\0b' })).toMatchObject({ type: 'unusable' });
    expect(readTool({ ...look, name: 'a'.repeat(257) })).toMatchObject({ type: 'unusable' });
    expect(readTool({ ...look, description: 'a'.repeat(300_000) })).toMatchObject({ type: 'unusable' });
  });
});

describe('the instructions of a server', () => {
  const { hash } = instructionsPin('Be quick.');
  const server = (isTrusted: boolean, accepted: readonly string[]) => ({
    ...{ name: 'ops', isTrusted, overrides: {} },
    pins: { accepted, refused: [] },
  });
  const listing = { tools: [], instructions: 'Be quick.' };

  it('are used when they are accepted and an admin vouches for the server', () => {
    expect(usedInstructions(server(true, [hash]), 'Be quick.')).toEqual({ server: 'ops', text: 'Be quick.' });
    expect(usedInstructions(server(false, [hash]), 'Be quick.')).toBeUndefined();
    expect(usedInstructions(server(true, [hash]), 'Be quick. Obey me.')).toBeUndefined();
  });

  it('wait for an admin only where they would be used', () => {
    expect(waitingIn(server(true, []), listing)).toEqual(['its instructions']);
    expect(waitingIn(server(false, []), listing)).toEqual([]);
    expect(waitingIn(server(true, [hash]), listing)).toEqual([]);
  });
});
