import type { SlackAdapterOptions } from '../../adapters/slack/index.ts';
import type { ChatAdapter } from '../chat/adapter.ts';
import type { Config } from '../config.ts';

export type PlatformOptions = Omit<SlackAdapterOptions, 'settings'> & { readonly config: Config };

/** The adapters of the platforms that are configured; what is not configured is not even loaded. */
export async function platformAdapters({
  config,
  ...options
}: PlatformOptions): Promise<readonly ChatAdapter[]> {
  if (config.slack === undefined) return [];
  const { createSlackAdapter } = await import('../../adapters/slack/index.ts');
  return [createSlackAdapter({ ...options, settings: config.slack })];
}
