import type { Config } from '../config.ts';
import { environmentModel } from './environment-model.ts';
import type { Seeds } from './port.ts';

/** What the start brings: bundled servers, and in LAB the model of the environment. */
export async function seedsOf(config: Config, defaultModel: (provider: string) => string): Promise<Seeds> {
  const model = config.environment === 'LAB' ? await environmentModel(config, defaultModel) : {};
  return { bundled: [host], ...model };
}

const host = {
  name: 'host',
  description: 'Read-only diagnostics of the machine that the bot runs on.',
} as const;
