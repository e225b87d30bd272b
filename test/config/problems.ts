import { ConfigError, readConfig } from '../../src/config.ts';

/** What is wrong with an environment; nothing when the bot would start with it. */
export function problemsOf(env: Readonly<Record<string, string>>): readonly string[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}
