import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { formView } from '../../adapters/slack/forms.ts';
import { drawForm } from '../../adapters/teams/forms.ts';
import { bytesOfCard, sizes } from '../../adapters/teams/sizes.ts';
import { askedFields } from '../../src/chat/asked-fields.ts';
import { untouched } from '../../src/chat/filled.ts';
import type { Form, FormField } from '../../src/chat/form.ts';
import type { OptionSets } from '../../src/chat/option.ts';
import {
  foldedOptions,
  plainName,
  spreadErrors,
  spreadValues,
  withOptionFields,
} from '../../src/chat/option-fields.ts';
import { knownOptions } from '../../src/chat/option-schema.ts';
import { middlewareTypes } from '../../src/middleware/types.ts';
import { providers } from '../../src/providers/index.ts';
import { jsonSchemaOf } from '../../src/resources/middleware-types.ts';
import { settingsSchema } from '../../src/resources/provider-config.ts';

const kinds = [
  ...Object.entries(middlewareTypes).map(([name, { config }]) => ({
    name,
    config,
    schema: jsonSchemaOf({ config }),
  })),
  ...Object.entries(providers).map(([name, { config }]) => ({
    name,
    config,
    schema: settingsSchema({ config }),
  })),
];

const sets: OptionSets = {
  of: 'config',
  by: 'type',
  choices: [...kinds.map(({ name }) => name), 'Unknown'].map((value) => ({ value, label: value })),
  sets: Object.fromEntries(kinds.map(({ name, schema }) => [name, knownOptions(schema)])),
};

const common = { help: '', isReadOnly: false, isRequired: false, isNullable: false };
function formOf(type: string | undefined, config: unknown): Form {
  const deciding: FormField = {
    ...{ ...common, name: 'type', label: 'Type', widget: { type: 'reference', resource: 'types' } },
    ...(type === undefined ? {} : { value: type }),
  };
  const json: FormField = {
    ...common,
    name: 'config',
    label: 'Config',
    widget: { type: 'json' },
    value: config,
  };
  return { title: '', submit: '', fields: [deciding, json] };
}

/** What a platform sends of a form that somebody opened, with some of it filled in. */
function sent(form: Form, filled: Readonly<Record<string, unknown>> = {}) {
  const drawn = withOptionFields(form, sets);
  const shown = askedFields(drawn, filled);
  const values = { ...Object.fromEntries(shown.map((field) => [field.name, untouched(field)])), ...filled };
  return { shown: shown.map(({ name }) => name), config: foldedOptions(form, sets, values).config };
}

describe.each(kinds)('the options of $name', ({ name, config, schema }) => {
  it('come back unchanged, whether they are all stored or none', () => {
    const whole: unknown = config.parse({});
    expect(sent(formOf(name, whole)).config).toEqual(whole);
    expect(sent(formOf(name, {})).config).toEqual({});
    expect(sent(formOf(undefined, {}), { type: name }).config).toEqual({});
  });

  it('are few enough for every platform, each once', () => {
    const { shown } = sent(formOf(undefined, {}), { type: name });
    expect(shown.length).toBeLessThan(30);
    const drawn = withOptionFields(formOf(name, config.parse({})), sets);
    const { dialog, unshown } = drawForm(drawn, { path: 'types' });
    expect(unshown).toEqual({});
    expect(bytesOfCard(dialog.card)).toBeLessThan(sizes.card);
    for (const field of shown.filter((one) => one.startsWith('config@')))
      expect(
        JSON.stringify([dialog, formView(drawn, { path: 'types', channel: '' })]).split(field).length,
      ).toBeGreaterThan(2);
    expect(new Set(shown).size).toBe(shown.length);
    const asked = Object.entries(Object(schema.properties)).filter(([, one]) => !('const' in Object(one)));
    const options = shown
      .filter((field) => field.startsWith('config@'))
      .map((field) => plainName(field).split('.')[1]);
    expect([...new Set(options)]).toEqual(asked.map(([option]) => option));
  });
});

describe('options of a JSON field', () => {
  const limits = 'ToolCallLimitMiddleware';
  const at = (option: string, type = limits) => `config@${type}.${option}`;

  it('are put together typed, and what is emptied is as if it was never written', () => {
    const filled = {
      [at('run_limit')]: 5,
      [at('tool_name')]: 'ls',
      [at('per_tool')]: { ls: { run_limit: 1 } },
    };
    expect(sent(formOf(limits, {}), filled).config).toEqual({
      run_limit: 5,
      tool_name: 'ls',
      per_tool: { ls: { run_limit: 1 } },
    });
    expect(
      sent(formOf(limits, { run_limit: 5, tool_name: 'ls' }), { [at('run_limit')]: null }).config,
    ).toEqual({
      tool_name: 'ls',
    });
  });

  it('can be nothing or an empty list where that is not the default', () => {
    const validation = 'ValidationMiddleware';
    const none = { [at('max_input_length', validation)]: null };
    expect(sent(formOf(validation, {}), none).config).toEqual({ max_input_length: null });
    const fallback = 'ModelFallbackMiddleware';
    const empty = { [at('do_not_fall_back_on', fallback)]: [] };
    expect(sent(formOf(fallback, {}), empty).config).toEqual({ do_not_fall_back_on: [] });
  });

  it('know yes, no and neither', () => {
    const form = formOf('openai', { reasoning: false });
    expect(sent(form).config).toEqual({ reasoning: false });
    expect(sent(form, { [at('reasoning', 'openai')]: 'true' }).config).toEqual({ reasoning: true });
    expect(sent(form, { [at('reasoning', 'openai')]: null }).config).toEqual({});
  });

  it('do not change by the order of what is ticked', () => {
    const retry = 'ModelRetryMiddleware';
    const stored = { retry_on: ['timeout', 'network'] };
    const turned = { [at('retry_on', retry)]: ['network', 'timeout'] };
    expect(sent(formOf(retry, stored), turned).config).toEqual(stored);
  });

  it('of another choice go when that is made', () => {
    const form = formOf('ModelCallLimitMiddleware', { run_limit: 3 });
    expect(sent(form, { type: limits, [at('thread_limit')]: 9 }).config).toEqual({ thread_limit: 9 });
  });

  it('that have no field stay in the JSON, which is asked for only then or where any may be written', () => {
    expect(sent(formOf(limits, {})).shown).not.toContain('config');
    expect(sent(formOf('Unknown', { a: 1 }))).toEqual({ shown: ['type', 'config'], config: { a: 1 } });
    const odd = sent(formOf(limits, { old: 1, run_limit: 3 }));
    expect(odd).toMatchObject({ config: { old: 1, run_limit: 3 } });
    expect(odd.shown).toContain('config');
    expect(sent(formOf(limits, { old: 1, run_limit: 3 }), { config: {} }).config).toEqual({ run_limit: 3 });
    const open = sent(formOf('openai', {}), { config: { base_url: 'http://a.test', extra: true } });
    expect(open.config).toEqual({ base_url: 'http://a.test', extra: true });
  });

  it('take what a line gave, and what is wrong, to their fields', () => {
    const form = formOf(undefined, {});
    const given = { type: limits, config: { run_limit: 7, odd: 1 } };
    expect(spreadValues(form, sets, given)).toEqual({
      type: limits,
      [at('run_limit')]: 7,
      config: { odd: 1 },
    });
    const { config } = middlewareTypes[limits] ?? { config: z.never() };
    expect(config.safeParse({ run_limit: 0 }).success).toBe(false);
    const errors = {
      config: ['run_limit: At least 1.', 'per_tool.ls.run_limit: At least 1.', 'There is no LLM model “x”.'],
    };
    expect(spreadErrors(form, sets, { values: given, errors })).toEqual({
      [at('run_limit')]: ['At least 1.'],
      [at('per_tool')]: ['ls.run_limit: At least 1.'],
      type: ['There is no LLM model “x”.'],
    });
  });

  describe('that are made of others', () => {
    const summary = 'SummarizationMiddleware';
    const keep = (part: string) => at(`keep.${part}`, summary);

    it('have a field for each, and are as if never written when all of them are emptied', () => {
      expect(sent(formOf(summary, {}), { [keep('messages')]: 20 }).config).toEqual({
        keep: { messages: 20 },
      });
      const stored = { keep: { messages: 20, tokens: 9 } };
      expect(sent(formOf(summary, stored), { [keep('tokens')]: null }).config).toEqual({
        keep: { messages: 20 },
      });
      const none = { [keep('tokens')]: null, [keep('messages')]: null };
      expect(sent(formOf(summary, stored), none).config).toEqual({});
    });

    it('have a field for what is wrong with each', () => {
      const errors = {
        config: ['keep.tokens: More than 0.', 'trigger.messages: At least 1.', 'trigger: Invalid input'],
      };
      const values = { type: summary, [at('trigger', summary)]: 'object' };
      expect(spreadErrors(formOf(undefined, {}), sets, { values, errors })).toEqual({
        [keep('tokens')]: ['More than 0.'],
        [at('trigger.object.messages', summary)]: ['At least 1.'],
        [at('trigger', summary)]: ['Invalid input'],
      });
    });

    it('take what a line gave of each', () => {
      const given = { type: summary, config: { keep: { tokens: 5 }, trigger: { messages: 7 } } };
      expect(spreadValues(formOf(undefined, {}), sets, given)).toMatchObject({
        [keep('tokens')]: 5,
        [at('trigger', summary)]: 'object',
        [at('trigger.object.messages', summary)]: 7,
      });
    });
  });

  describe('that may have several shapes', () => {
    const summary = 'SummarizationMiddleware';
    const trigger = at('trigger', summary);

    it('ask first which, and then for the fields of that', () => {
      const asked = (values: Readonly<Record<string, unknown>>) =>
        sent(formOf(summary, {}), values).shown.filter((name) => name.startsWith(trigger));
      expect(asked({})).toEqual([trigger]);
      expect(asked({ [trigger]: 'object' })).toEqual([
        trigger,
        ...['tokens', 'messages', 'fraction'].map((part) => `${trigger}.object.${part}`),
      ]);
      expect(asked({ [trigger]: 'array' })).toEqual([trigger, `${trigger}.array`]);
    });

    it('are written as what was chosen', () => {
      const written = (values: Readonly<Record<string, unknown>>, stored = {}) =>
        sent(formOf(summary, stored), values).config;
      const stored = { trigger: { tokens: 5 } };
      expect(written({ [trigger]: 'object', [`${trigger}.object.tokens`]: 5 })).toEqual(stored);
      expect(written({ [trigger]: 'object' })).toEqual({ trigger: {} });
      expect(written({ [trigger]: 'array', [`${trigger}.array`]: [{ tokens: 5 }] })).toEqual({
        trigger: [{ tokens: 5 }],
      });
      expect(written({}, stored)).toEqual(stored);
      expect(written({ [`${trigger}.object.messages`]: 3 }, stored)).toEqual({
        trigger: { tokens: 5, messages: 3 },
      });
      expect(written({ [trigger]: null }, stored)).toEqual({});
      expect(written({ [trigger]: 'array' }, stored)).toEqual({ trigger: [] });
    });

    it('know words, numbers, yes and no by what they are', () => {
      const think = at('think', 'ollama');
      expect(sent(formOf('ollama', { think: 'high' })).config).toEqual({ think: 'high' });
      expect(sent(formOf('ollama', {}), { [think]: 'true' }).config).toEqual({ think: true });
      expect(sent(formOf('ollama', { think: false }), { [think]: 'low' }).config).toEqual({ think: 'low' });
      const thinking = at('thinking', 'anthropic');
      const number = { [thinking]: 'integer', [`${thinking}.integer`]: 2048 };
      expect(sent(formOf('anthropic', {}), number).config).toEqual({ thinking: 2048 });
      expect(sent(formOf('anthropic', { thinking: 4096 })).config).toEqual({ thinking: 4096 });
      expect(sent(formOf('anthropic', {}), { [thinking]: 'integer' }).config).toEqual({ thinking: null });
    });

    it('show as JSON what has none of them', () => {
      const odd = { trigger: 'whenever' };
      expect(sent(formOf(summary, odd))).toMatchObject({ config: odd });
      expect(sent(formOf(summary, odd), { [trigger]: { tokens: 3 } }).config).toEqual({
        trigger: { tokens: 3 },
      });
    });

    it('are drawn for Slack and Teams as a choice that the rest depends on', () => {
      const drawn = withOptionFields(formOf(summary, { trigger: { tokens: 5 } }), sets);
      const modal = JSON.stringify(formView(drawn, { path: 'types', channel: '' }));
      expect(modal).toContain('"All of these together"');
      expect(modal).toContain(`"block_id":"${trigger}.object.tokens"`);
      const [{ dispatch_action: dispatches } = {}] = JSON.parse(modal).blocks.filter(
        (block: { block_id?: string }) => block.block_id === trigger,
      );
      expect(dispatches).toBe(true);
      const { dialog } = drawForm(drawn, { path: 'types' });
      expect(JSON.stringify(dialog)).toContain(`field:${trigger}.object.tokens`);
    });
  });
});
