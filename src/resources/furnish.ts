import type { Config } from '../config.ts';
import { applyBootstrap, type BootstrapParts, type Created, readBootstrap } from './bootstrap.ts';
import type { ConfigStore } from './port.ts';
import { seedsOf } from './seeds.ts';

export interface FurnishParts extends BootstrapParts {
  readonly config: Config;
  readonly configs: ConfigStore;
  /** A provider's model when nobody named one. */
  readonly defaultModel: (provider: string) => string;
}

/**
 * Creates what is there from the start: the providers, the settings, the bundled servers, in LAB the
 * environment's model, and what the bootstrap file lists, whose new rows it gives. Throws `BootstrapError`.
 */
export async function furnish(parts: FurnishParts): Promise<readonly Created[]> {
  const file = await readBootstrap(parts.config.bootstrapFile);
  await parts.configs.seed(await seedsOf(parts.config, parts.defaultModel));
  return await applyBootstrap(file, parts);
}
