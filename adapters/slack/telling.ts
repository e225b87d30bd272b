import type { AdminAnswer } from '../../src/chat/admin/answer.ts';
import { drawAnswer } from './admin-blocks.ts';
import type { Person, SlackContext } from './context.ts';
import { respond } from './responding.ts';

/** Where an answer of administration goes, and what opens a form there. */
export interface AnswerPlace {
  readonly channel: string;
  readonly threadTs?: string;
  /** Absent: forms are offered by a button. */
  readonly trigger?: string;
  readonly respondTo?: string;
}

/** Shows an answer to who asked, or to everybody where they said so. */
export async function tell(
  context: SlackContext,
  person: Person,
  { answer, place }: { readonly answer: AdminAnswer; readonly place: AnswerPlace },
): Promise<void> {
  const { api } = context;
  const { channel, threadTs, respondTo = '' } = place;
  const drawn = drawAnswer(answer);
  const type = answer.isPublic ? 'in_channel' : 'ephemeral';
  const body = { response_type: type, replace_original: false, ...drawn };
  if (respondTo !== '' && (await respond(context, respondTo, body))) return;
  const thread = threadTs === undefined ? {} : { thread_ts: threadTs };
  const [method, to] = answer.isPublic
    ? (['chat.postMessage', {}] as const)
    : (['chat.postEphemeral', { user: person.user }] as const);
  await api.attempt(person.team, method, { channel, ...to, ...thread, ...drawn });
}
