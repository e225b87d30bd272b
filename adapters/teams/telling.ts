import type { AdminAnswer } from '../../src/chat/admin/answer.ts';
import type { Json } from '../../src/chat/json.ts';
import { answerMessages } from './admin-cards.ts';
import type { TeamsApi } from './api.ts';
import type { Person, TeamsContext } from './context.ts';
import { isPersonal } from './personal.ts';
import { isMalformed, isTooLarge } from './refused.ts';
import { inWords } from './smaller.ts';
import type { Conversation } from './thread-id.ts';
import { privateNotice } from './welcome.ts';

/** Where much was said, Teams takes no more for a while: an answer waits for that. */
const patienceMs = 35_000;
const inPrivate = 'I answered you in private.';
const unreachable =
  'What I answer to that is for you alone. Open a chat with me, write me a word there, and ask again.';

type Telling = Pick<TeamsContext, 'api' | 'chats'>;

/** Whether nobody but this person reads there. */
export async function isAlone({ chats }: Telling, person: Person, { id }: Conversation): Promise<boolean> {
  return isPersonal(id) || (await chats.of(person))?.id === id;
}

/**
 * Shows an answer of administration where it was asked for, when that is for everybody or nobody else reads
 * there; otherwise in the person's own chat, and the others hear nothing of it. False: it was not shown.
 */
export async function tell(
  context: Telling,
  person: Person,
  { answer, conversation }: { readonly answer: AdminAnswer; readonly conversation: Conversation },
): Promise<boolean> {
  const { api, chats } = context;
  if (answer.isPublic || (await isAlone(context, person, conversation)))
    return await post(api, conversation, answer);
  const chat = await chats.of(person);
  const isTold = chat !== undefined && (await post(api, chat, answer));
  const words = privateNotice(`${person.author.name}: ${isTold ? inPrivate : unreachable}`);
  await api.attempt((call) => call.send(conversation, words, { patienceMs }));
  return isTold;
}

async function post(api: TeamsApi, to: Conversation, answer: AdminAnswer): Promise<boolean> {
  const sent = await api.attempt(async (call) => {
    for (const message of answerMessages(answer)) await bring(call, to, message);
    return true;
  });
  return sent === true;
}

/** A card that Teams does not take is said in words. */
async function bring(api: TeamsApi, to: Conversation, message: Json): Promise<void> {
  try {
    await api.send(to, message, { patienceMs });
  } catch (error) {
    if (!isMalformed(error) && !isTooLarge(error)) throw error;
    await api.send(to, inWords(message), { patienceMs });
  }
}
