import { at, records, textOf } from '../../src/chat/json.ts';
import type { TeamsContext } from './context.ts';
import type { Arrived, Dispatch } from './dispatch.ts';
import { isFarewell, kindOf, type References } from './references.ts';
import { roomOf } from './thread-id.ts';
import { welcomeMessage } from './welcome.ts';

const keepMs = 30 * 24 * 3_600_000;
const patienceMs = 5000;

/**
 * The bot comes to a conversation, and leaves it: it says once what it is for, and writes nothing more where
 * it was removed. Whether it is there at all, every activity and every refusal of Teams tells again.
 */
export function mountComings(
  dispatch: Dispatch,
  { api, memory, log }: TeamsContext,
  references: References,
): void {
  async function leave({ conversation }: Arrived, why: string): Promise<void> {
    await memory.forget(welcomeKey(conversation));
    if (await references.close(conversation, why)) log.info('teams_removed', { ...conversation });
  }

  dispatch.on('installationUpdate', async (arrived) => {
    const { activity, conversation } = arrived;
    if (isFarewell(activity)) return await leave(arrived, 'BotNotInConversationRoster');
    // An upgrade of the app is no news to people.
    if (activity.action !== 'add' || (await memory.get(welcomeKey(conversation))) !== undefined) return;
    const kind = kindOf(conversation.id, textOf(at(activity.conversation, 'conversationType')));
    const message = welcomeMessage({ isPersonal: kind === 'personal' });
    const id = await api.attempt((call) => call.send(conversation, message, { patienceMs }));
    if (id !== undefined) await memory.put(welcomeKey(conversation), true, keepMs);
  });

  dispatch.on('conversationUpdate', async (arrived) => {
    const { activity, conversation } = arrived;
    const event = textOf(at(activity.channelData, 'eventType'));
    if (isFarewell(activity)) return await leave(arrived, 'BotNotInConversationRoster');
    if (event === 'channelDeleted') {
      const id = textOf(at(activity.channelData, 'channel', 'id')) || conversation.id;
      await leave({ activity, conversation: { ...conversation, id } }, 'ConversationNotFound');
    }
    const people = records(activity.membersAdded).length + records(activity.membersRemoved).length;
    if (people > 0) log.debug('teams_members_changed', { conversation: conversation.id, people });
  });
}

function welcomeKey({ tenant, id }: { readonly tenant: string; readonly id: string }): string {
  return `teams:welcomed:${tenant}:${roomOf(id)}`;
}
