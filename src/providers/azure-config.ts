import { z } from 'zod';
import { callFields, openaiApi } from './openai-settings.ts';
import { spokenApi } from './setting-labels.ts';

const endpoint = z.url({ protocol: /^https?$/ });

/** Settings of a model on Azure; the deployment is the model's name. */
export const azureConfig = z.object({
  /** The resource, such as `https://name.openai.azure.com/`; whatever follows it in a copied URL is dropped. */
  azure_endpoint: endpoint.optional(),
  /** Another word for `azure_endpoint`, which wins. */
  endpoint: endpoint.optional(),
  /** Absent: the v1 API, which needs none. A date leads to the older API, by deployment. */
  api_version: z
    .string()
    .regex(/^(\d{4}-\d{2}-\d{2}(-preview)?|v1|latest|preview)$/, {
      error: 'Write a version such as 2024-10-21 or 2025-04-01-preview, or nothing for the v1 API.',
    })
    .optional(),
  /** Absent: `responses`, and `chat` with the older API. */
  api: openaiApi.optional().meta(spokenApi),
  /** `entra`: signs in at Microsoft Entra ID; the secret is then a client's, or none is needed. */
  auth: z.enum(['key', 'entra']).default('key'),
  /** Absent: `AZURE_TENANT_ID`. */
  tenant_id: z.string().min(1).optional(),
  /** Absent: `AZURE_CLIENT_ID`. */
  client_id: z.string().min(1).optional(),
  /** What tokens are asked for; other clouds have their own. */
  token_scope: z.string().min(1).default('https://cognitiveservices.azure.com/.default'),
  ...callFields,
});

export type AzureConfig = z.infer<typeof azureConfig>;

/** The URL and the API that a config leads to. */
export interface AzureApi {
  readonly baseURL: string;
  readonly api: 'responses' | 'chat';
  readonly apiVersion?: string;
  /** The older API, with the deployment in the path. */
  readonly byDeployment: boolean;
  /** It knows `max_completion_tokens` and counts tokens in streams. */
  readonly isRecent: boolean;
}

/** `2024-09-01-preview` was the first version to do so: https://github.com/openai/openai-python/issues/1724 */
const firstRecent = '2024-09-01';

/** Undefined: no endpoint is configured. */
export function azureApi(config: AzureConfig): AzureApi | undefined {
  const given = config.azure_endpoint ?? config.endpoint;
  if (given === undefined) return undefined;
  const resource = resourceOf(given);
  const { api_version: apiVersion = 'v1' } = config;
  const byDeployment = /^\d/.test(apiVersion);
  return {
    baseURL: byDeployment ? `${resource}/openai` : `${resource}/openai/v1`,
    api: config.api ?? (byDeployment ? 'chat' : 'responses'),
    byDeployment,
    isRecent: !byDeployment || apiVersion >= firstRecent,
    ...(byDeployment || apiVersion === 'preview' ? { apiVersion } : {}),
  };
}

/** People copy the URL of an operation as well as that of the resource. */
function resourceOf(given: string): string {
  const { origin, pathname } = new URL(given);
  return origin + pathname.replace(/\/openai(\/.*)?$/, '').replace(/\/+$/, '');
}
