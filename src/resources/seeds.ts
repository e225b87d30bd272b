import type { Config } from '../config.ts';
import { readBootstrap } from './bootstrap.ts';
import { environmentModel } from './environment-model.ts';
import type { NewServer, Seeds } from './port.ts';

/** What the start brings: bundled servers, the bootstrap file, and in LAB the model of the environment. */
export async function seedsOf(config: Config, defaultModel: (provider: string) => string): Promise<Seeds> {
  const bootstrap = await readBootstrap(config.bootstrapFile);
  const model = config.environment === 'LAB' ? await environmentModel(config, defaultModel) : {};
  return { ...bootstrap, bundled: [host], ...model };
}

/** `bundled` stands for this program: where it lies is found out when the server is started. */
const host: NewServer = {
  name: 'host',
  description: 'Read-only diagnostics of the machine that the bot runs on.',
  protocol: 'stdio',
  url: '',
  mcpEndpoint: '/mcp',
  command: 'bundled',
  args: ['host'],
  env: {},
  headers: {},
  isTrusted: true,
};
