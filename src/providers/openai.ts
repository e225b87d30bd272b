import { failure } from './failures.ts';
import { isAt, listed } from './model-list.ts';
import { openaiModel } from './openai-models.ts';
import { openaiConfig, openaiSettings } from './openai-settings.ts';
import { openaiVendor } from './openai-vendor.ts';
import type { ProviderDefinition, Vendor, VendorOptions } from './vendor.ts';

/** OpenAI, by its Responses API or by Chat Completions. */
export const openai: ProviderDefinition = {
  name: 'openai',
  label: 'OpenAI',
  defaultModel: 'gpt-6.1-sol',
  needsKey: true,
  config: openaiConfig,
  contextWindow: (model) => openaiModel(model)?.contextWindow,
  create,
};

async function create({ model, apiKey, config: given, fetch }: VendorOptions): Promise<Vendor> {
  const config = openaiConfig.parse(given ?? {});
  const { base_url: baseURL, api } = config;
  if (!apiKey) throw failure(`OpenAI ${model}`, 'auth', 'No API key is configured.');
  const settings = openaiSettings({ vendor: openai, model, config, account: [baseURL, apiKey] });
  const has = (names: readonly string[]) => listed(names, [model], isAt(baseURL, 'api.openai.com'));
  return openaiVendor(settings, { baseURL, api, key: apiKey, has, ...(fetch && { fetch }) });
}
