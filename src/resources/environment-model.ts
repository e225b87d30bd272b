import { z } from 'zod';
import type { EnvironmentModel } from '../config/environment-model.ts';
import type { Config } from '../config.ts';
import type { NewModel, Seeds } from './port.ts';

const probeMs = 500;

/**
 * The model that the environment describes, or an Ollama that runs on this machine. `defaultModel`
 * names a provider's model when nobody did. An Ollama that does not answer now may only be slow: the
 * model that an earlier start found there stays.
 */
export async function environmentModel(
  config: Config,
  defaultModel: (provider: string) => string,
): Promise<Pick<Seeds, 'environmentModel' | 'unanswered'>> {
  const described = config.environmentModel;
  if (described !== undefined) {
    const name = config.modelName ?? defaultModel(described.provider);
    return { environmentModel: toModel(described, name) };
  }
  const modelConfig = { base_url: config.ollamaProbeUrl };
  const found = await findOllama(config.ollamaProbeUrl);
  if (found === undefined) return { unanswered: { provider: 'ollama', modelConfig } };
  if (found === '') return {};
  const local = { provider: 'ollama', secretReference: '', config: modelConfig } as const;
  return { environmentModel: toModel(local, config.modelName ?? found) };
}

function toModel({ provider, secretReference, config }: EnvironmentModel, name: string): NewModel {
  const description = 'Described by the environment.';
  return { name, provider, description, secretReference, modelConfig: config };
}

const tagsSchema = z.object({ models: z.array(z.object({ name: z.string() })) });

/** The first model that an Ollama here has, empty when it has none; undefined when no Ollama answers. */
async function findOllama(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(`${url}/api/tags`, { signal: AbortSignal.timeout(probeMs) });
    const { models } = tagsSchema.parse(await response.json());
    return models[0]?.name ?? '';
  } catch {
    return undefined;
  }
}
