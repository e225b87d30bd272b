import { ollama } from '../../src/providers/ollama.ts';
import { openai } from '../../src/providers/openai.ts';
import type { Vendor } from '../../src/providers/vendor.ts';
import type { WireName } from '../fakes/llm/script.ts';

/** A vendor as the scenarios drive it. */
export interface Subject {
  readonly name: string;
  readonly wire: WireName;
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
  replay: true,
};

export const openaiResponses: Subject = {
  name: 'openai responses',
  wire: 'responses',
  apiKey,
  open: (url, { model = 'gpt-6.1-sol', config = {} } = {}) =>
    openai.create({ model, apiKey, config: { base_url: `${url}/v1`, ...config } }),
  says: all,
};

export const openaiChat: Subject = {
  name: 'openai chat',
  wire: 'chat',
  apiKey,
  open: (url, { model = 'gpt-4.1', config = {} } = {}) =>
    openai.create({ model, apiKey, config: { base_url: `${url}/v1`, api: 'chat', ...config } }),
  says: { ...all, replay: false },
};

export const ollamaNative: Subject = {
  name: 'ollama',
  wire: 'ollama',
  apiKey,
  open: (url, { model = 'qwen3:8b', config = {} } = {}) =>
    ollama.create({ model, apiKey, config: { base_url: url, ...config } }),
  says: {
    refusal: false,
    contentFilter: false,
    cache: false,
    invalidArguments: false,
    ids: false,
    replay: true,
  },
};
