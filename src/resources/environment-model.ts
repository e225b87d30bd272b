import { z } from 'zod';
import type { Config, EnvironmentModel } from '../config.ts';
import type { NewModel } from './port.ts';

const probeMs = 500;

/**
 * The model that the environment describes, or an Ollama that runs on this machine. `defaultModel`
 * names a provider's model when nobody did.
 */
export async function environmentModel(
  config: Config,
  defaultModel: (provider: string) => string,
): Promise<NewModel | undefined> {
  const described = config.environmentModel;
  if (described !== undefined) {
    return toModel(described, config.modelName ?? defaultModel(described.provider));
  }
  const found = await findOllama(config.ollamaProbeUrl);
  if (found === undefined) return undefined;
  const local = {
    provider: 'ollama',
    secretReference: '',
    config: { base_url: config.ollamaProbeUrl },
  } as const;
  return toModel(local, config.modelName ?? found);
}

function toModel({ provider, secretReference, config }: EnvironmentModel, name: string): NewModel {
  const description = 'Described by the environment.';
  return { name, provider, description, secretReference, isDefault: false, modelConfig: config };
}

const tagsSchema = z.object({ models: z.array(z.object({ name: z.string() })) });

/** The first model that an Ollama here has; undefined when none answers. */
async function findOllama(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(`${url}/api/tags`, { signal: AbortSignal.timeout(probeMs) });
    const { models } = tagsSchema.parse(await response.json());
    return models[0]?.name;
  } catch {
    return undefined;
  }
}
