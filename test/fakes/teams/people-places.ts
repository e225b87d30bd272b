import { randomUUID } from 'node:crypto';
import { arrivalOf } from './arrivals.ts';
import { personalChat } from './connector.ts';
import type { Delivered } from './delivery.ts';
import type { Json } from './json.ts';
import type { FakeTeams } from './server.ts';
import { type Conversation, conversationAt, type Team, type TeamsUser } from './state.ts';

/** Who there is, where they talk, and where the app is installed. */
export interface Places {
  /** Somebody of the organisation who has the app in the personal scope, if not said otherwise. */
  user(name: string, more?: Partial<TeamsUser>): TeamsUser;
  /** The id of somebody's personal chat with the bot. */
  personal(user: TeamsUser): string;
  /** A group chat with the bot and these people in it. */
  groupChat(name: string, users: readonly TeamsUser[], more?: PlaceOptions): string;
  /** A channel of a team with the bot and these people in it. */
  channel(name: string, users: readonly TeamsUser[], more?: PlaceOptions & { readonly team?: Team }): string;
  /** The place itself: to close it, or to let the bot hear all. */
  place(conversation: string): Conversation;
  /** Adds the app: to the personal scope of the person, or to a place by the person. */
  install(user: TeamsUser, conversation?: string): Promise<readonly Delivered[]>;
  uninstall(user: TeamsUser, conversation?: string): Promise<readonly Delivered[]>;
  addMembers(conversation: string, users: readonly TeamsUser[]): Promise<readonly Delivered[]>;
  removeMembers(conversation: string, users: readonly TeamsUser[]): Promise<readonly Delivered[]>;
}

export interface PlaceOptions {
  /** By resource-specific consent the bot hears every message. */
  readonly hearsAll?: boolean;
}

export const sre: Team = {
  id: '19:sre-general@thread.tacv2',
  name: 'SRE',
  aadGroupId: '55555555-5555-4555-8555-555555555555',
};

export function places(teams: FakeTeams): Places {
  const { tenant, delivery } = teams;
  const bot = { id: tenant.bot.id, name: tenant.bot.name };

  function open(place: Conversation): string {
    tenant.conversations.set(place.id, place);
    return place.id;
  }

  function place(conversation: string): Conversation {
    const found = conversationAt(tenant, conversation);
    if (found === undefined) throw new Error(`there is no conversation ${conversation}`);
    return found;
  }

  /** A change of members, as one event. */
  async function changed(
    conversation: string,
    name: 'membersAdded' | 'membersRemoved',
    accounts: readonly Json[],
    user?: TeamsUser,
  ): Promise<readonly Delivered[]> {
    const inTeam = name === 'membersAdded' ? 'teamMemberAdded' : 'teamMemberRemoved';
    const activity = arrivalOf(teams, {
      type: 'conversationUpdate',
      conversation,
      ...(user === undefined ? {} : { user }),
      more: { [name]: accounts },
      channelData: place(conversation).kind === 'channel' ? { eventType: inTeam } : {},
    });
    return await delivery.event(activity);
  }

  function installation(action: 'add' | 'remove', conversation: string, user: TeamsUser) {
    return delivery.event(
      arrivalOf(teams, { type: 'installationUpdate', conversation, user, more: { action } }),
    );
  }

  const accounts = (users: readonly TeamsUser[]) => users.map(({ id, aadObjectId }) => ({ id, aadObjectId }));

  return {
    place,
    user(name, more = {}) {
      const user = {
        id: `29:${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}-${randomUUID().slice(0, 8)}`,
        aadObjectId: randomUUID(),
        name,
        email: `${name.toLowerCase().replaceAll(' ', '.')}@example.com`,
        role: 'user' as const,
        isInstalled: true,
        ...more,
      };
      tenant.users.set(user.id, user);
      return user;
    },
    personal: (user) => personalChat(tenant, user).id,
    groupChat: (name, users, { hearsAll = false } = {}) =>
      open({
        id: `19:${tenant.nextId('group')}@thread.v2`,
        kind: 'groupChat',
        name,
        members: new Set(users.map((user) => user.id)),
        hearsAll,
      }),
    channel: (name, users, { hearsAll = false, team = sre } = {}) =>
      open({
        id: `19:${tenant.nextId('channel')}@thread.tacv2`,
        kind: 'channel',
        name,
        team,
        members: new Set(users.map((user) => user.id)),
        hearsAll,
      }),
    async install(user, conversation) {
      if (conversation === undefined) user.isInstalled = true;
      const where = conversation ?? personalChat(tenant, user).id;
      delete place(where).closed;
      const members = await changed(where, 'membersAdded', [bot], user);
      return [...members, ...(await installation('add', where, user))];
    },
    async uninstall(user, conversation) {
      if (conversation === undefined) user.isInstalled = false;
      const where = conversation ?? personalChat(tenant, user).id;
      place(where).closed = 'BotNotInConversationRoster';
      if (conversation === undefined) return await installation('remove', where, user);
      const members = await changed(where, 'membersRemoved', [bot], user);
      return [...members, ...(await installation('remove', where, user))];
    },
    addMembers(conversation, users) {
      for (const user of users) place(conversation).members.add(user.id);
      return changed(conversation, 'membersAdded', accounts(users), users[0]);
    },
    removeMembers(conversation, users) {
      for (const user of users) place(conversation).members.delete(user.id);
      return changed(conversation, 'membersRemoved', accounts(users), users[0]);
    },
  };
}
