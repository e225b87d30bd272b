import { anthropic } from '../../src/providers/anthropic.ts';
import { azure } from '../../src/providers/azure.ts';
import { custom } from '../../src/providers/custom.ts';
import { huggingface } from '../../src/providers/huggingface.ts';
import { ollama } from '../../src/providers/ollama.ts';
import { openai } from '../../src/providers/openai.ts';
import type { Vendor } from '../../src/providers/vendor.ts';
import type { WireName } from '../fakes/llm/script.ts';

/** A vendor as the scenarios drive it. */
export interface Subject {
  readonly name: string;
  readonly wire: WireName;
  /** How its errors name it and its model. */
  readonly label: string;
  readonly apiKey: string;
  /** A model of it on a server. */
  open(url: string, options?: { readonly model?: string; readonly config?: object }): Promise<Vendor>;
  /** What its format can say. */
  readonly says: {
    readonly refusal: boolean;
    readonly contentFilter: boolean;
    readonly cache: boolean;
    readonly invalidArguments: boolean;
    readonly ids: boolean;
    /** It takes PDFs as they are. */
    readonly pdf: boolean;
    /** Its thoughts are replayed with the calls they led to. */
    readonly replay: boolean;
  };
}

const apiKey = 'sk-test-0123456789abcdefghijklmnop';
const all = {
  refusal: true,
  contentFilter: true,
  cache: true,
  invalidArguments: true,
  ids: true,
  pdf: true,
  replay: true,
};

export const openaiResponses: Subject = {
  name: 'openai responses',
  wire: 'responses',
  label: 'OpenAI gpt-6.1-sol',
  apiKey,
  open: (url, { model = 'gpt-6.1-sol', config = {} } = {}) =>
    openai.create({ model, apiKey, config: { base_url: `${url}/v1`, ...config } }),
  says: all,
};

export const openaiChat: Subject = {
  name: 'openai chat',
  wire: 'chat',
  label: 'OpenAI gpt-4.1',
  apiKey,
  open: (url, { model = 'gpt-4.1', config = {} } = {}) =>
    openai.create({ model, apiKey, config: { base_url: `${url}/v1`, api: 'chat', ...config } }),
  says: { ...all, replay: false },
};

export const anthropicMessages: Subject = {
  name: 'anthropic',
  wire: 'messages',
  label: 'Anthropic claude-sonnet-5-5',
  apiKey,
  open: (url, { model = 'claude-sonnet-5-5', config = {} } = {}) =>
    anthropic.create({ model, apiKey, config: { base_url: url, ...config } }),
  says: { ...all, contentFilter: false },
};

export const ollamaNative: Subject = {
  name: 'ollama',
  wire: 'ollama',
  label: 'Ollama qwen3:8b',
  apiKey,
  open: (url, { model = 'qwen3:8b', config = {} } = {}) =>
    ollama.create({ model, apiKey, config: { base_url: url, ...config } }),
  says: {
    refusal: false,
    contentFilter: false,
    cache: false,
    invalidArguments: false,
    ids: false,
    pdf: false,
    replay: true,
  },
};

/** Azure's v1 API. */
export const azureResponses: Subject = {
  name: 'azure responses',
  wire: 'responses',
  label: 'Azure OpenAI gpt-6.1-sol',
  apiKey,
  open: (url, { model = 'gpt-6.1-sol', config = {} } = {}) =>
    azure.create({ model, apiKey, config: { azure_endpoint: url, ...config } }),
  says: all,
};

export const azureChat: Subject = {
  name: 'azure chat',
  wire: 'chat',
  label: 'Azure OpenAI gpt-4.1',
  apiKey,
  open: (url, { model = 'gpt-4.1', config = {} } = {}) =>
    azure.create({ model, apiKey, config: { azure_endpoint: url, api: 'chat', ...config } }),
  says: { ...all, replay: false },
};

/** The older API, with the deployment in the path. */
export const azureDeployment: Subject = {
  name: 'azure deployment',
  wire: 'chat',
  label: 'Azure OpenAI gpt-4.1',
  apiKey,
  open: (url, { model = 'gpt-4.1', config = {} } = {}) =>
    azure.create({ model, apiKey, config: { azure_endpoint: url, api_version: '2024-10-21', ...config } }),
  says: { ...all, pdf: false, replay: false },
};

export const huggingfaceRouter: Subject = {
  name: 'huggingface',
  wire: 'chat',
  label: 'Hugging Face openai/gpt-oss-120b',
  apiKey,
  open: (url, { model = 'openai/gpt-oss-120b', config = {} } = {}) =>
    huggingface.create({ model, apiKey, config: { endpoint_url: `${url}/router`, ...config } }),
  says: { ...all, pdf: false, replay: false },
};

export const customChat: Subject = {
  name: 'custom chat',
  wire: 'chat',
  label: 'Custom llama-4',
  apiKey,
  open: (url, { model = 'llama-4', config = {} } = {}) =>
    custom.create({ model, apiKey, config: { base_url: `${url}/v1`, ...config } }),
  says: { ...all, pdf: false, replay: false },
};
