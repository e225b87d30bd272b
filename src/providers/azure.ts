import { type AzureConfig, azureApi, azureConfig } from './azure-config.ts';
import { entraTokens } from './azure-identity.ts';
import { failure } from './failures.ts';
import { openaiModel } from './openai-models.ts';
import { openaiSettings } from './openai-settings.ts';
import { openaiVendor } from './openai-vendor.ts';
import type { ProviderDefinition, Vendor, VendorOptions } from './vendor.ts';

/** OpenAI's models on Azure: another address and another way to sign in, the same words. */
export const azure: ProviderDefinition = {
  name: 'azure_ai',
  label: 'Azure OpenAI',
  defaultModel: 'gpt-6.1-sol',
  needsKey: false,
  config: azureConfig,
  contextWindow: (model) => openaiModel(model)?.contextWindow,
  create,
};

async function create(options: VendorOptions): Promise<Vendor> {
  const { model, fetch } = options;
  const config = azureConfig.parse(options.config ?? {});
  const who = `${azure.label} ${model}`;
  const route = azureApi(config);
  if (route === undefined) throw failure(who, 'misconfigured', 'No azure_endpoint is configured.');
  const { baseURL, api, isRecent } = route;
  const { key, account } = await signIn(who, config, options);
  const settings = openaiSettings({
    vendor: azure,
    model,
    config,
    account: [baseURL, ...account],
    dialect: {
      maxTokens: isRecent ? 'max_completion_tokens' : 'max_tokens',
      countsTokens: isRecent,
      takesPdfs: isRecent,
    },
  });
  // Azure lists the models that a resource could deploy, not its deployments.
  const has = () => undefined;
  return openaiVendor(settings, { baseURL, api, azure: route, key, has, ...(fetch && { fetch }) });
}

/** By an API key, or by tokens of Entra ID; and what tells the account apart. */
async function signIn(who: string, config: AzureConfig, { apiKey, entra }: VendorOptions) {
  if (config.auth === 'key') {
    if (!apiKey) throw failure(who, 'auth', 'No API key is configured.');
    return { key: apiKey, account: [apiKey] };
  }
  const identity = {
    ...entra,
    ...(config.tenant_id && { tenantId: config.tenant_id }),
    ...(config.client_id && { clientId: config.client_id }),
  };
  const key = await entraTokens({ who, identity, scope: config.token_scope, secret: apiKey });
  return { key, account: [identity.tenantId ?? '', identity.clientId ?? ''] };
}
