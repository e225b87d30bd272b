import { describe, expect, it } from 'vitest';
import { readLine } from '../../../src/chat/admin/command-line.ts';
import { readExact } from '../../../src/chat/admin/exact.ts';
import { quoted, tokensOf } from '../../../src/chat/admin/tokens.ts';
import { wordOf } from '../../../src/chat/admin/vocabulary.ts';
import { kindOf } from '../../../src/main/desk-facts.ts';
import { resources } from '../../../src/resources/index.ts';
import { caller, fakeWorld } from '../../fakes/world.ts';

const kinds = resources.map((resource) => kindOf(resource, fakeWorld(), caller()));

/** `path deed name pairs`, or the type of what is no command. */
function read(line: string, reader: typeof readLine = readLine): string {
  const { reading, isPublic } = reader(line, kinds);
  if (reading.type === 'mistake') return `? ${reading.meant ?? reading.sentence}`;
  if (reading.type === 'help')
    return `help ${reading.kind?.path ?? ''} ${reading.deed === undefined ? '' : wordOf(reading.deed)}`.trim();
  if (reading.type !== 'command') return reading.type;
  const { kind, deed, name, pairs } = reading.command;
  const words = [
    kind.path,
    deed === undefined ? '-' : wordOf(deed),
    name,
    ...pairs.map(({ key, text }) => `${key}=${text}`),
  ];
  return [...words, isPublic ? '(public)' : ''].filter((word) => word !== '').join(' ');
}

describe('a line', () => {
  it.each([
    ['models', 'llm-models -'],
    ['Model', 'llm-models -'],
    ['LLM MODELS', 'llm-models -'],
    ['llm-models list', 'llm-models list'],
    ['list all the models', 'llm-models list'],
    ['show models', 'llm-models show'],
    ['models show gpt-4o', 'llm-models show gpt-4o'],
    ['models gpt-4o', 'llm-models - gpt-4o'],
    ['delete the model gpt-4o', 'llm-models delete gpt-4o'],
    ['remove model "my model"', 'llm-models delete my model'],
    ['model gpt-4o delete', 'llm-models delete gpt-4o'],
    ['new model', 'llm-models add'],
    ['models add gpt-4o provider=openai', 'llm-models add gpt-4o provider=openai'],
    ['models set-default gpt-4o', 'llm-models set-default gpt-4o'],
    ['models Make default gpt-4o', 'llm-models set-default gpt-4o'],
    ['make default model gpt-4o', 'llm-models set-default gpt-4o'],
    ['test the model gpt-4o', 'llm-models test gpt-4o'],
    ['check server web', 'mcp-servers health-check web'],
    ['servers check web', 'mcp-servers health-check web'],
    ['mcp server web disable', 'mcp-servers disable web'],
    ['turn off the server called web', 'mcp-servers disable web'],
    ['servers tools web', 'mcp-servers tools web'],
    ['schedules run nightly', 'schedules run-now nightly'],
    ['schedules runs nightly', 'schedules runs nightly'],
    ['servers accept-tools web tools=all', 'mcp-servers accept-tools web tools=all'],
    ['token add ci permissions=chat', 'api-tokens add ci permissions=chat'],
    ['API token list', 'api-tokens list'],
    ['middleware types', 'middleware-types -'],
    ['middleware-types default-config PIIMiddleware', 'middleware-types default-config PIIMiddleware'],
    ['system prompts edit Team', 'system-prompts edit Team'],
    ['prompts edit Team prompt_text="You help."', 'system-prompts edit Team prompt_text=You help.'],
    ['prompts edit Team prompt_text=“You help.”', 'system-prompts edit Team prompt_text=You help.'],
    [
      'models add x model_config={"a": "b c", "d": [1, 2]}',
      'llm-models add x model_config={"a": "b c", "d": [1, 2]}',
    ],
    ['models list is_enabled=yes page=2', 'llm-models list is_enabled=yes page=2'],
    ['models public', 'llm-models - (public)'],
    ['models show "public"', 'llm-models show public'],
    ['models show test', 'llm-models show test'],
    ['models show "delete"', 'llm-models show delete'],
    ['model help', 'help llm-models'],
    ['help models', 'help llm-models'],
    ['help models add', 'help llm-models add'],
    ['models add help', 'help llm-models add'],
    ['help', 'help'],
    ['help me', 'help'],
    ['help usage', 'help_on'],
    ['show me the models', 'llm-models show'],
    ['add', 'unplaced'],
    ['delete gpt-4o', 'unplaced'],
    ['set the table for two', 'talk'],
    ['alerts', '? alert-routes'],
    ['modles', '? models'],
    ['modles add gpt-4o', '? models add gpt-4o'],
    ['modles add x description="two words"', '? models add x description="two words"'],
    ['delete modles', '? models delete'],
    ['modles ad gpt-4o', '? models add gpt-4o'],
    ['ad model gpt-4o provider=openai', '? models add gpt-4o provider=openai'],
    ['dissable the server web', '? servers disable web'],
    ['dissable the servr web', '? servers disable web'],
    ['how servers work', 'talk'],
    ['snow models', '? models show'],
    ['is server web up', 'talk'],
    ['models show "unclosed', '? Something is not closed: "'],
    ['usage this week', 'usage'],
    ['doctor', 'doctor'],
    ['undo', 'undo'],
    ['undo the change of yesterday', 'talk'],
    ['trace 0c9d', 'trace'],
    ['trace the cable', 'talk'],
    ['status', 'talk'],
    ['approvals', 'approvals'],
    ['Approval deny 0C9D11 too risky', 'approvals'],
    ['approve 0c9d11', 'approvals'],
    ['approve of this', 'talk'],
    ['approvals aprove 0c9d11', '? approvals approve 0c9d11'],
    ['why are the models slow?', 'talk'],
    ['what is wrong with db1', 'talk'],
    ['stop the deployment', 'talk'],
    ['is the server up?', 'talk'],
    ['', 'talk'],
    ['"models"', 'talk'],
  ])('“%s” is %s', (line, expected) => expect(read(line)).toBe(expected));
});

describe('a message', () => {
  it.each([
    ['models', 'llm-models -'],
    ['MODELS LIST', 'llm-models list'],
    ['models show gpt-4o', 'llm-models show gpt-4o'],
    ['models show "my model"', 'llm-models show my model'],
    ['models edit gpt-4o temperature=1', 'llm-models edit gpt-4o temperature=1'],
    ['models add', 'llm-models add'],
    ['models share', 'llm-models - (public)'],
    ['model', 'talk'],
    ['models gpt-4o', 'talk'],
    ['delete models gpt-4o', 'talk'],
    ['models remove gpt-4o', 'talk'],
    ['models delete', 'talk'],
    ['models delete gpt-4o please', 'talk'],
    ['models edit gpt-4o nonsense=1', 'talk'],
    ['models add gpt-4o', 'talk'],
    ['settings delete timezone', 'talk'],
    ['modles', 'talk'],
    ['help', 'talk'],
    ['usage of disk', 'talk'],
    ['undo that', 'talk'],
  ])('“%s” is %s', (line, expected) => expect(read(line, readExact)).toBe(expected));
});

describe('words', () => {
  it('are quoted so that they are read as they were', () => {
    for (const text of ['a', 'a b', 'a"b', "it's", '{x', '[1]', 'a=b', '\\', '“x”', '']) {
      const line = `x ${quoted(text)}`;
      const read = tokensOf(line);
      expect(read.ok && read.tokens[1], line).toMatchObject({ text });
    }
  });
});
