import type { SlackAdapterOptions } from '../../adapters/slack/index.ts';
import type { TeamsAdapterOptions } from '../../adapters/teams/index.ts';
import type { ChatAdapter } from '../chat/adapter.ts';
import type { AdapterMemory } from '../chat/adapter-memory.ts';
import type { Config } from '../config.ts';

export interface PlatformOptions extends Omit<SlackAdapterOptions, 'settings'> {
  readonly config: Config;
  /** What adapters keep, encrypted. Undefined: there is no key; the configuration makes sure who needs it. */
  readonly memory: AdapterMemory | undefined;
  readonly sensitivity: TeamsAdapterOptions['sensitivity'];
}

/** The adapters of the platforms that are configured; what is not configured is not even loaded. */
export async function platformAdapters({
  config,
  memory,
  ...options
}: PlatformOptions): Promise<readonly ChatAdapter[]> {
  const adapters: ChatAdapter[] = [];
  if (config.slack !== undefined) {
    const { createSlackAdapter } = await import('../../adapters/slack/index.ts');
    adapters.push(createSlackAdapter({ ...options, settings: config.slack }));
  }
  if (config.teams !== undefined && memory !== undefined) {
    const { createTeamsAdapter } = await import('../../adapters/teams/index.ts');
    const { teams: settings, publicUrl } = config;
    const reached = publicUrl === undefined ? {} : { publicUrl };
    adapters.push(await createTeamsAdapter({ ...options, ...reached, settings, memory }));
  }
  return adapters;
}
