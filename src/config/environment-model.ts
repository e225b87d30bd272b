/** Where a model's vendor is, as the environment tells it. */
export interface EnvironmentModel {
  readonly provider: 'openai' | 'anthropic' | 'ollama' | 'azure_ai' | 'huggingface';
  /** Where its key is; empty when it needs none. */
  readonly secretReference: string;
  readonly config: Readonly<Record<string, string>>;
}

/** The variables that it is made of. */
export interface ModelVariables {
  readonly ANTHROPIC_API_KEY?: string | undefined;
  readonly ANTHROPIC_BASE_URL?: string | undefined;
  readonly AZURE_OPENAI_API_KEY?: string | undefined;
  readonly AZURE_OPENAI_API_VERSION?: string | undefined;
  readonly AZURE_OPENAI_ENDPOINT?: string | undefined;
  readonly HF_TOKEN?: string | undefined;
  readonly OLLAMA_BASE_URL?: string | undefined;
  readonly OPENAI_API?: string | undefined;
  readonly OPENAI_API_KEY?: string | undefined;
  readonly OPENAI_BASE_URL?: string | undefined;
}

/** The model that the environment describes: the first vendor of these that it names. */
export function modelOf(variables: ModelVariables): EnvironmentModel | undefined {
  if (variables.OPENAI_API_KEY !== undefined) {
    const config = { base_url: variables.OPENAI_BASE_URL, api: variables.OPENAI_API };
    return { provider: 'openai', secretReference: 'env:OPENAI_API_KEY', config: defined(config) };
  }
  if (variables.ANTHROPIC_API_KEY !== undefined) {
    const config = { base_url: variables.ANTHROPIC_BASE_URL };
    return { provider: 'anthropic', secretReference: 'env:ANTHROPIC_API_KEY', config: defined(config) };
  }
  if (variables.AZURE_OPENAI_API_KEY !== undefined && variables.AZURE_OPENAI_ENDPOINT !== undefined) {
    const config = {
      azure_endpoint: variables.AZURE_OPENAI_ENDPOINT,
      api_version: variables.AZURE_OPENAI_API_VERSION,
    };
    return { provider: 'azure_ai', secretReference: 'env:AZURE_OPENAI_API_KEY', config: defined(config) };
  }
  if (variables.HF_TOKEN !== undefined) {
    return { provider: 'huggingface', secretReference: 'env:HF_TOKEN', config: {} };
  }
  if (variables.OLLAMA_BASE_URL !== undefined) {
    return { provider: 'ollama', secretReference: '', config: { base_url: variables.OLLAMA_BASE_URL } };
  }
  return undefined;
}

/** What is not undefined. */
export function defined(record: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(record).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}
