import { sentenceOf as neutral } from '../../src/chat/sentence.ts';
import { SlackCallError } from './call-error.ts';

/** What a person is told of an error; undefined for what is a fault of the bot. */
export function sentenceOf(error: unknown): string | undefined {
  return error instanceof SlackCallError ? error.message : neutral(error);
}
