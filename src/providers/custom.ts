import { z } from 'zod';
import { customVendor } from './custom-module.ts';
import { failure } from './failures.ts';
import { openaiModel } from './openai-models.ts';
import { callFields, olderDialect, openaiApi, openaiSettings } from './openai-settings.ts';
import { openaiVendor } from './openai-vendor.ts';
import { serverAddress, spokenApi } from './setting-labels.ts';
import type { ProviderDefinition, Vendor, VendorOptions } from './vendor.ts';

/** Settings that are not named here are for the module. */
const customConfig = z
  .looseObject({
    /** A server that speaks OpenAI's API, with its `/v1`. */
    base_url: z
      .url({ protocol: /^https?$/ })
      .optional()
      .meta(serverAddress),
    api: openaiApi.default('chat').meta(spokenApi),
    /** Or: a file in `AI_OPS_PLUGINS_DIR/providers`. */
    module: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*\.m?js$/, {
        error: 'Write the name of a .js or .mjs file in the folder providers of AI_OPS_PLUGINS_DIR.',
      })
      .optional(),
    ...callFields,
  })
  .refine(({ base_url, module }) => base_url === undefined || module === undefined, {
    error: 'Set base_url or module, not both.',
    path: ['module'],
  });

/** Any server that speaks OpenAI's API, or a module of the operator. */
export const custom: ProviderDefinition = {
  name: 'custom',
  label: 'Custom',
  defaultModel: '',
  needsKey: false,
  config: customConfig,
  contextWindow: (model) => openaiModel(model)?.contextWindow,
  create,
};

async function create(options: VendorOptions): Promise<Vendor> {
  const { model, apiKey, fetch } = options;
  const { module, ...config } = customConfig.parse(options.config ?? {});
  const { base_url: baseURL, api } = config;
  if (module !== undefined) return customVendor(module, { ...options, config });
  if (baseURL === undefined) {
    throw failure(`${custom.label} ${model}`, 'misconfigured', 'Set base_url or module.');
  }
  const settings = openaiSettings({
    vendor: custom,
    model,
    config,
    account: [baseURL, apiKey ?? ''],
    dialect: olderDialect(model, config),
  });
  return openaiVendor(settings, {
    baseURL,
    api,
    ...(apiKey && { key: apiKey }),
    ...(fetch && { fetch }),
  });
}
