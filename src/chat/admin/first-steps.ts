import type { Desk, DeskCaller } from '../desk.ts';
import { type AdminAnswer, say } from './answer.ts';

const modelsPath = 'llm-models';

const firstModel = say(
  [
    '**I have no language model yet.** It takes three steps:',
    '',
    '1. Choose where the model runs, below. Of an OpenAI-compatible server the form also needs the address.',
    '2. Fill in its name and where its key is, such as `env:OPENAI_API_KEY`. Never write the key itself.',
    '3. Press *Test before saving*, then *Create*. I answer from the next message on.',
  ].join('\n'),
  [
    ['OpenAI', 'provider=openai'],
    ['Azure OpenAI', 'provider=azure_ai'],
    ['Anthropic', 'provider=anthropic'],
    ['Ollama', 'provider=ollama'],
    ['Hugging Face', 'provider=huggingface'],
    ['OpenAI-compatible', 'provider=openai api=chat'],
  ].map(([label = '', choice = '']) => ({ label, line: `models add ${choice} form=yes` })),
);

/**
 * What leads to a working model whoever may add one, while there is none. Undefined: there is one, or it is
 * nothing that this caller can do.
 */
export function createFirstSteps(desk: Desk): (by: DeskCaller) => Promise<AdminAnswer | undefined> {
  let hasModel = false;
  return async (by) => {
    const kind = hasModel ? undefined : desk.kinds(by).find(({ path }) => path === modelsPath);
    if (kind === undefined || !kind.allowed.has('add') || !kind.allowed.has('list')) return undefined;
    const filters = [{ field: 'is_enabled', value: 'true' }];
    hasModel = (await desk.board(modelsPath, by, { limit: 1, offset: 0, filters })).total > 0;
    return hasModel ? undefined : firstModel;
  };
}
