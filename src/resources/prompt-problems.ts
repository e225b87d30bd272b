import { loadPrompt, PromptFileError, type PromptFiles, type PromptSource } from './prompt-files.ts';
import { templateProblems } from './prompt-template.ts';

/** What is wrong with a prompt that is about to be saved, as sentences that say what to do. None: nothing. */
export async function promptProblems(
  source: PromptSource,
  files: Pick<PromptFiles, 'read'>,
): Promise<readonly string[]> {
  try {
    return templateProblems(await loadPrompt(source, files));
  } catch (error) {
    if (error instanceof PromptFileError) return [error.message];
    throw error;
  }
}
