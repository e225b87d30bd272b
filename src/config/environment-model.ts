import { z } from 'zod';
import { defined, httpUrl } from './kinds.ts';

/** Where a model's vendor is, as the environment tells it. */
export interface EnvironmentModel {
  readonly provider: 'openai' | 'anthropic' | 'ollama' | 'azure_ai' | 'huggingface';
  /** Where its key is; empty when it needs none. */
  readonly secretReference: string;
  readonly config: Readonly<Record<string, string>>;
}

const variables = {
  AI_OPS_MODEL: z.string().optional().describe('Name of the model that the variables below describe.'),
  OPENAI_API_KEY: z
    .string()
    .optional()
    .describe('In LAB, when no model is configured: use OpenAI or a compatible server.'),
  OPENAI_BASE_URL: httpUrl.optional().describe('Where it is, when it is not OpenAI itself.'),
  OPENAI_API: z
    .enum(['responses', 'chat'], { error: 'must be responses or chat' })
    .optional()
    .describe('Its API; `chat` for most compatible servers. Default `responses`.'),
  ANTHROPIC_API_KEY: z.string().optional().describe('In LAB, when no model is configured: use Anthropic.'),
  ANTHROPIC_BASE_URL: httpUrl
    .optional()
    .describe('Where it is, without `/v1`, when it is not Anthropic itself.'),
  AZURE_OPENAI_API_KEY: z
    .string()
    .optional()
    .describe(
      'In LAB, when no model is configured: use Azure OpenAI, together with `AZURE_OPENAI_ENDPOINT`.',
    ),
  AZURE_OPENAI_ENDPOINT: httpUrl
    .optional()
    .describe('Its resource, such as `https://name.openai.azure.com/`.'),
  AZURE_OPENAI_API_VERSION: z
    .string()
    .optional()
    .describe('A dated version of its older API. Default: the v1 API, which needs none.'),
  HF_TOKEN: z
    .string()
    .optional()
    .describe('In LAB, when no model is configured: use Hugging Face’s Inference Providers.'),
  OLLAMA_BASE_URL: httpUrl
    .optional()
    .describe(
      'In LAB, when no model is configured: use this Ollama. One at http://localhost:11434 is found by itself.',
    ),
};

const schema = z.object(variables);

/** The model that the environment describes: the first vendor of these that it names. */
function read(given: z.infer<typeof schema>): EnvironmentModel | undefined {
  if (given.OPENAI_API_KEY !== undefined) {
    const config = { base_url: given.OPENAI_BASE_URL, api: given.OPENAI_API };
    return { provider: 'openai', secretReference: 'env:OPENAI_API_KEY', config: defined(config) };
  }
  if (given.ANTHROPIC_API_KEY !== undefined) {
    const config = { base_url: given.ANTHROPIC_BASE_URL };
    return { provider: 'anthropic', secretReference: 'env:ANTHROPIC_API_KEY', config: defined(config) };
  }
  if (given.AZURE_OPENAI_API_KEY !== undefined && given.AZURE_OPENAI_ENDPOINT !== undefined) {
    const config = {
      azure_endpoint: given.AZURE_OPENAI_ENDPOINT,
      api_version: given.AZURE_OPENAI_API_VERSION,
    };
    return { provider: 'azure_ai', secretReference: 'env:AZURE_OPENAI_API_KEY', config: defined(config) };
  }
  if (given.HF_TOKEN !== undefined) {
    return { provider: 'huggingface', secretReference: 'env:HF_TOKEN', config: {} };
  }
  if (given.OLLAMA_BASE_URL !== undefined) {
    return { provider: 'ollama', secretReference: '', config: { base_url: given.OLLAMA_BASE_URL } };
  }
  return undefined;
}

/** All that the environment says of a model, for LAB. Its key is among what resources may name. */
export const modelConfig = { variables, contradictions: () => [], read, secrets: () => [] };
