import { describe, expect, it } from 'vitest';
import { input } from '../../adapters/teams/form-inputs.ts';
import { knownOptions } from '../../src/chat/option-schema.ts';
import { providers } from '../../src/providers/index.ts';
import { formOf } from '../../src/resources/form.ts';
import { resources } from '../../src/resources/index.ts';
import { llmModels } from '../../src/resources/llm-models.ts';
import { settingsSchema } from '../../src/resources/provider-config.ts';
import { fakeWorld } from '../fakes/world.ts';

describe('the form of a model', () => {
  it.each(Object.values(providers))('calls no two things alike with $label', (provider) => {
    const { options } = knownOptions(settingsSchema(provider));
    const labels = [
      ...Object.values(llmModels.fields).map(({ label }) => label),
      ...options.map(({ field }) => field.label),
    ];
    const own = options.flatMap(({ field }) =>
      ['azure_endpoint', 'api_version'].includes(field.name) ? [] : [field.label],
    );
    expect(own.filter((label) => labels.filter((one) => one === label).length > 1)).toEqual([]);
    expect(own.filter((label) => /^(base url|api|top p|max tokens|num ctx)$/i.test(label))).toEqual([]);
  });
});

describe('a choice on Teams', () => {
  const choices = resources.flatMap((resource) =>
    formOf(resource, fakeWorld())
      .fields.filter(({ widget }) => widget.type === 'choice')
      .map((field) => ({ name: `${resource.path} ${field.name}`, field })),
  );

  it.each(choices)('$name can be nothing only where that can be stored', ({ field }) => {
    const drawn = JSON.stringify(input(field, ''));
    expect(drawn.includes('(nothing)')).toBe(field.isNullable && !field.isRequired);
  });

  it('are some, among them the protocol of a server', () => {
    expect(choices.map(({ name }) => name)).toContain('mcp-servers protocol');
  });
});
