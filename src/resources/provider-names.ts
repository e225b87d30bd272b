/** The LLM providers that models can be configured on, as the reference app names them. */
export const providerNames = ['ollama', 'openai', 'azure_ai', 'anthropic', 'huggingface', 'custom'] as const;
