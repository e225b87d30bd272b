import type { FieldErrors } from '../chat/form.ts';
import type { Resource, RuleContext } from './definition.ts';
import { choice, flag, json, paragraph, webUrl, written } from './field.ts';
import { leakedKeys } from './leaked-keys.ts';
import { configProblems, settingsSchema } from './provider-config.ts';
import { providerNames } from './provider-names.ts';

const labels = {
  ollama: 'Ollama',
  openai: 'OpenAI',
  azure_ai: 'Azure OpenAI',
  anthropic: 'Anthropic',
  huggingface: 'Hugging Face',
  custom: 'Custom',
} as const;

/** The vendors that models run on, each with settings that all its models share. */
export const llmProviders: Resource = {
  path: 'llm-providers',
  table: 'llm_providers',
  suffix: 'llmprovider',
  word: 'providers',
  one: 'LLM provider',
  many: 'LLM providers',
  help: 'The vendors that models run on, each with settings that all its models share.',
  fields: {
    name: choice({
      label: 'Name',
      help: 'The vendor; each exists once.',
      initial: 'ollama',
      choices: providerNames.map((value) => ({ value, label: labels[value] })),
    }),
    description: paragraph({ label: 'Description', help: 'What people should know about it.', initial: '' }),
    documentation_url: written({
      label: 'Documentation',
      help: 'Where to read about it.',
      initial: '',
      schema: webUrl,
    }),
    config_schema: json({
      label: 'Settings',
      help: 'Settings of all its models, such as base_url, azure_endpoint or api_version. A model’s own settings win.',
      initial: {},
    }),
    is_enabled: flag({ label: 'Enabled', help: 'Off: none of its models is used.', initial: true }),
  },
  nameField: 'name',
  isSeeded: true,
  icon: (row) => (row.is_enabled === true ? '🟢' : '⚪'),
  columns: ['name', 'description', 'is_enabled'],
  search: ['name'],
  order: ['name'],
  changes: ['create', 'change', 'delete'],
  example: { name: 'openai', description: 'OpenAI', config_schema: {}, is_enabled: true },
  options: {
    of: 'config_schema',
    by: 'name',
    schema: (row, world) => {
      const provider = world.provider(String(row.name));
      return provider === undefined ? undefined : { schema: settingsSchema(provider) };
    },
  },
  check: ({ values, world }: RuleContext): FieldErrors => {
    const problems = [
      ...leakedKeys(values.config_schema),
      ...configProblems(world.provider(String(values.name)), values.config_schema),
    ];
    return problems.length === 0 ? {} : { config_schema: problems };
  },
};
