import { refusalOf } from '../access/secret-reference.ts';
import type { Field } from './definition.ts';
import {
  decimal,
  flag,
  integer,
  json,
  paragraph,
  relation,
  secretReference,
  text,
  time,
  virtual,
  webUrl,
  written,
} from './field.ts';

const price = (label: string, of: string) =>
  decimal({
    label,
    help: `US dollars for a million ${of} tokens. Empty: as the table of prices knows it.`,
    initial: null,
    min: 0,
    unit: '$',
  });

/** What is said of a language model. */
export const llmModelFields: Readonly<Record<string, Field>> = {
  name: text({
    label: 'Name',
    help: 'What the vendor calls the model or the deployment.',
    placeholder: 'gpt-6.1-sol',
  }),
  llm_provider: relation({
    label: 'Provider',
    help: 'The vendor it runs on.',
    initial: 'ollama',
    to: 'llm-providers',
    table: 'llm_providers',
    nameColumn: 'name',
    onDelete: 'cascade',
  }),
  description: paragraph({ label: 'Description', help: 'What people should know about it.', initial: '' }),
  model_secret_key: secretReference({
    label: 'Secret reference',
    help: 'Where its API key is: env:NAME, file:name, vault:mount/path#field, or the name of a variable. Never the key.',
    initial: '',
    refuse: refusalOf,
  }),
  is_default: flag({
    label: 'Default',
    help: 'Answers where nothing else is chosen. One model at most.',
    initial: false,
  }),
  is_enabled: flag({ label: 'Enabled', help: 'Off: it is not used.', initial: true }),
  temperature: decimal({
    label: 'Temperature',
    help: 'From 0, the same each time, to 2. Empty: the vendor’s own.',
    initial: 0,
    isNullable: true,
    min: 0,
    max: 2,
  }),
  context_window: integer({
    label: 'Context window',
    help: 'Tokens it can read and write in all. Empty: as the provider knows it.',
    initial: null,
    min: 1,
    unit: 'tokens',
  }),
  max_tokens: integer({
    label: 'Longest answer',
    help: 'Tokens it may write in one call. Empty: the vendor’s own limit.',
    initial: null,
    min: 1,
    unit: 'tokens',
  }),
  input_price: price('Price of input', 'input'),
  output_price: price('Price of output', 'output'),
  cache_read_price: price('Price of cached input', 'cached input'),
  cache_write_price: price('Price of cache writes', 'cache-write'),
  cache_ttl: integer({
    label: 'Cache time',
    help: 'How long lists of tools are kept, in seconds.',
    initial: 300,
    min: 60,
    unit: 's',
  }),
  model_config: json({
    label: 'Settings',
    help: 'Settings of the provider for this model, such as max_tokens, top_p, base_url, azure_endpoint or api_version; input_images and input_pdfs (true or false) where it cannot be left to be found out.',
    initial: {},
  }),
  system_prompt: relation({
    label: 'System prompt',
    help: 'Its own prompt, once approved. Empty: the bot’s.',
    initial: null,
    to: 'system-prompts',
    table: 'system_prompts',
    nameColumn: 'name',
    onDelete: 'clear',
  }),
  default_layers: flag({
    label: 'Default layers',
    help: 'On: it has the default layers of middleware beside its own, and a layer of its own takes the place of one of the same type. Off: its own alone. Its Layers show which.',
    initial: true,
  }),
  azure_endpoint: virtual(
    written({
      label: 'Azure endpoint',
      help: 'Short for model_config.azure_endpoint.',
      initial: '',
      schema: webUrl,
    }),
  ),
  api_version: virtual(
    text({ label: 'API version', help: 'Short for model_config.api_version.', initial: '' }),
  ),
  last_tested: time({
    label: 'Last test',
    help: 'When it was last called for a test.',
    initial: null,
    isReadOnly: true,
  }),
  last_test_ms: integer({
    label: 'Latency',
    help: 'Of the last test.',
    initial: null,
    isReadOnly: true,
    unit: 'ms',
  }),
  last_test_error: paragraph({
    label: 'Last error',
    help: 'What the last test found.',
    initial: '',
    isReadOnly: true,
  }),
  origin: text({ label: 'Origin', help: 'Who made it.', initial: 'admin', isReadOnly: true }),
  is_stand_in: flag({
    label: 'Stands in',
    help: 'It is the default because it was the first; one that is named takes its place.',
    initial: false,
    isReadOnly: true,
    isHidden: true,
  }),
};
