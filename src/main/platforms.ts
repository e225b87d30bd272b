import type { SlackAdapterOptions } from '../../adapters/slack/index.ts';
import type { TeamsAdapterOptions } from '../../adapters/teams/index.ts';
import type { ChatAdapter } from '../chat/adapter.ts';
import type { AdapterMemory } from '../chat/adapter-memory.ts';
import type { HeardLast } from '../chat/heard-last.ts';
import type { Config } from '../config.ts';

export interface PlatformOptions extends Omit<SlackAdapterOptions, 'settings' | 'publicUrl' | 'heard'> {
  readonly config: Config;
  /** What adapters keep, encrypted. Undefined: there is no key; the configuration makes sure who needs it. */
  readonly memory: AdapterMemory | undefined;
  readonly sensitivity: TeamsAdapterOptions['sensitivity'];
  /** What was heard of a platform last. */
  readonly heardOf: (platform: string) => HeardLast;
}

/** The adapters of the platforms that are configured; what is not configured is not even loaded. */
export async function platformAdapters({
  config,
  memory,
  heardOf,
  ...options
}: PlatformOptions): Promise<readonly ChatAdapter[]> {
  const adapters: ChatAdapter[] = [];
  const reached = config.publicUrl === undefined ? {} : { publicUrl: config.publicUrl };
  if (config.slack !== undefined) {
    const { createSlackAdapter } = await import('../../adapters/slack/index.ts');
    const heard = heardOf('slack');
    adapters.push(createSlackAdapter({ ...options, ...reached, heard, settings: config.slack }));
  }
  if (config.teams !== undefined && memory !== undefined) {
    const { createTeamsAdapter } = await import('../../adapters/teams/index.ts');
    const heard = heardOf('teams');
    const { teams: settings } = config;
    adapters.push(await createTeamsAdapter({ ...options, ...reached, heard, settings, memory }));
  }
  return adapters;
}
