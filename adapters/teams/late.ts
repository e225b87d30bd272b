import { say } from '../../src/chat/admin/answer.ts';
import type { TeamsContext } from './context.ts';
import type { Invoke } from './dispatch.ts';
import { tell } from './telling.ts';

/** Says to who pressed what their client waits for no more. Does nothing while it waits. */
export async function sayLate(
  context: Pick<TeamsContext, 'api' | 'chats'>,
  { person, conversation, signal }: Pick<Invoke, 'person' | 'conversation' | 'signal'>,
  words: string,
): Promise<void> {
  if (signal.aborted) await tell(context, person, { answer: say(words), conversation });
}
