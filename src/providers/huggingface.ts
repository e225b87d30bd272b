import { z } from 'zod';
import { failure } from './failures.ts';
import { isAt, listed } from './model-list.ts';
import { openaiModel } from './openai-models.ts';
import { callFields, olderDialect, openaiSettings } from './openai-settings.ts';
import { openaiVendor } from './openai-vendor.ts';
import { serverAddress } from './setting-labels.ts';
import type { ProviderDefinition, Vendor, VendorOptions } from './vendor.ts';

const huggingfaceConfig = z.object({
  /** An endpoint of one's own, with or without `/v1`. Absent: the router of Inference Providers. */
  endpoint_url: z
    .url({ protocol: /^https?$/ })
    .default('https://router.huggingface.co/v1')
    .meta(serverAddress),
  ...callFields,
});

/**
 * Hugging Face, by Chat Completions: a model is the id of its repository, on the router with an
 * optional `:fastest`, `:cheapest` or `:<provider>`.
 */
export const huggingface: ProviderDefinition = {
  name: 'huggingface',
  label: 'Hugging Face',
  defaultModel: 'openai/gpt-oss-120b',
  needsKey: true,
  config: huggingfaceConfig,
  contextWindow: (model) => openaiModel(model.replace(/^openai\//, ''))?.contextWindow,
  create,
};

async function create({ model, apiKey, config: given, fetch }: VendorOptions): Promise<Vendor> {
  const config = huggingfaceConfig.parse(given ?? {});
  if (!apiKey) throw failure(`${huggingface.label} ${model}`, 'auth', 'No API key is configured.');
  const baseURL = config.endpoint_url.replace(/\/+$/, '').replace(/(\/v1)?$/, '/v1');
  const settings = openaiSettings({
    vendor: huggingface,
    model,
    config,
    account: [baseURL, apiKey],
    dialect: olderDialect(model, config),
  });
  return openaiVendor(settings, {
    baseURL,
    api: 'chat',
    key: apiKey,
    has: (names) => hasModel(model, names, baseURL),
    ...(fetch && { fetch }),
  });
}

/** What follows a colon chooses a provider; an endpoint of one's own answers to any name. */
function hasModel(model: string, names: readonly string[], baseURL: string): boolean | undefined {
  const wanted = model.replace(/:[^/]*$/, '').toLowerCase();
  return listed(
    names.map((name) => name.toLowerCase()),
    [wanted],
    isAt(baseURL, 'router.huggingface.co'),
  );
}
