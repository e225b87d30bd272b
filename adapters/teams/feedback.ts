import { at, isRecord, records, textOf } from '../../src/chat/json.ts';
import { createRecentKeys } from '../../src/chat/recent-keys.ts';
import { principalOf, type TeamsContext } from './context.ts';
import type { Arrived, Invoke, InvokeAnswer } from './dispatch.ts';
import { turnOf } from './sent.ts';

const good = /^(like|heart|yes|1f44d.*|2705.*)$/i;
const bad = /^(dislike|no|1f44e.*|274c.*)$/i;

/** What people think of answers: by the buttons below them, and by reactions where Teams tells of them. */
export function createFeedback({ people, memory, log }: Pick<TeamsContext, 'people' | 'memory' | 'log'>) {
  const counted = createRecentKeys();

  async function submitted({ activity, conversation, person, value }: Invoke): Promise<InvokeAnswer> {
    const action = isRecord(value.actionValue) ? value.actionValue : {};
    const reaction = textOf(action.reaction);
    const turnId = await turnOf(memory, { place: conversation, id: textOf(activity.replyToId) });
    if (value.actionName !== 'feedback' || turnId === undefined) return { status: 200, body: {} };
    if (reaction === 'like' || reaction === 'dislike')
      people.feedback(turnId, person.author, reaction === 'like', wordsOf(action.feedback));
    return { status: 200, body: {} };
  }

  async function reacted({ activity, conversation }: Arrived): Promise<void> {
    const from = isRecord(activity.from) ? activity.from : {};
    const spot = { place: conversation, id: textOf(activity.replyToId) };
    const aadObjectId = textOf(from.aadObjectId);
    const type = records(activity.reactionsAdded)
      .map((reaction) => textOf(reaction.type))
      .find((one) => good.test(one) || bad.test(one));
    if (type === undefined || aadObjectId === '') return;
    const turnId = await turnOf(memory, spot).catch((error: unknown) => {
      log.info('teams_reaction_lost', { error });
    });
    if (turnId === undefined || !counted.isNew([`${turnId} ${aadObjectId} ${type}`])) return;
    const name = textOf(from.name) || aadObjectId;
    const principal = principalOf({ tenant: conversation.tenant, aadObjectId });
    people.feedback(turnId, { principal, name }, good.test(type));
  }

  return { submitted, reacted };
}

/** Teams sends the words as JSON in a text: `{"feedbackText":"…"}`. */
function wordsOf(feedback: unknown): string {
  if (isRecord(feedback)) return textOf(feedback.feedbackText);
  try {
    const read: unknown = JSON.parse(textOf(feedback));
    return textOf(at(read, 'feedbackText')).trim();
  } catch {
    return textOf(feedback).trim();
  }
}
