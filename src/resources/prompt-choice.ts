import type { Log } from '../observe/port.ts';
import type { Prompt, PromptRow } from './port.ts';
import { loadPrompt, type PromptFiles } from './prompt-files.ts';

/** The first prompt that can be read, best first. One whose file cannot be read is passed over with a warning. */
export async function choosePrompt(
  prompts: readonly PromptRow[],
  files: Pick<PromptFiles, 'read'>,
  log: Log,
): Promise<Prompt | undefined> {
  for (const { name, version, source } of prompts) {
    try {
      return { name, version, ...(await loadPrompt(source, files)) };
    } catch (error) {
      log.warn('prompt_unusable', { prompt: name, error });
    }
  }
  return undefined;
}
