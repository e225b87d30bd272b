import type { AdapterMemory } from '../../src/chat/adapter-memory.ts';
import { at, type Json, records, textOf } from '../../src/chat/json.ts';
import { remembering } from '../../src/chat/remembering.ts';
import type { Clock } from '../../src/observe/port.ts';
import type { TeamsApi } from './api.ts';
import type { Dispatch } from './dispatch.ts';
import { type Conversation, roomOf } from './thread-id.ts';

/**
 * How people call channels and group chats. A bot may ask for the channels of the teams that it is in, without any
 * permission besides (https://learn.microsoft.com/microsoftteams/platform/bots/how-to/get-teams-context);
 * activities say in which team a channel is, and how a group chat is called.
 */
export interface Rooms {
  /** `ops (SRE)`, or the name of a group chat. Undefined: Teams does not say, soon. Never throws. */
  nameOf(room: Conversation): Promise<string | undefined>;
  /** Keeps what a verified activity says of the room, when it is something new. Never throws. */
  note(place: Conversation, activity: Json): Promise<void>;
}

/** What activities say of a room. */
interface Told {
  /** Of a channel: the id of its team. */
  readonly teamId: string;
  /** Of a group chat that has one. */
  readonly name: string;
}

interface Team {
  readonly name: string;
  readonly channels: ReadonlyMap<string, string>;
}

export interface RoomsOptions {
  readonly api: TeamsApi;
  readonly memory: AdapterMemory;
  readonly clock: Clock;
}

const patienceMs = 1200;
/** Of the channel that every team has Teams says no name, so that each client shows its own word. */
const general = 'General';
/** After these, what a team was asked for is no longer true. */
const renaming = /^(?:channel(?:Created|Renamed|Deleted|Restored)|teamRenamed)$/;

export function createRooms({ api, memory, clock }: RoomsOptions): Rooms {
  const teams = remembering<Team>(clock);
  const told = remembering<Told>(clock);
  const toldOf = (room: Conversation) =>
    told.of(keyOf(room), async () => toldIn(await memory.get(keyOf(room))));

  async function ask(room: Conversation, teamId: string): Promise<Team> {
    const signal = AbortSignal.timeout(patienceMs);
    const { name, channels } = await api.team(room, teamId, { signal });
    const named = records(channels).map(
      (channel) => [textOf(channel.id), textOf(channel.name) || general] as const,
    );
    return { name: textOf(name), channels: new Map(named) };
  }

  async function channelName(room: Conversation, teamId: string): Promise<string | undefined> {
    const team = await teams.of(teamKey(room, teamId), () => ask(room, teamId));
    const channel = team.channels.get(roomOf(room.id));
    return channel === undefined || team.name === '' ? channel : `${channel} (${team.name})`;
  }

  async function note(place: Conversation, activity: Json): Promise<void> {
    const heard = toldBy(activity);
    if (heard.teamId === '' && heard.name === '') return;
    if (renaming.test(textOf(at(activity.channelData, 'eventType'))))
      teams.forget(teamKey(place, heard.teamId));
    const before = await toldOf(place);
    const now = { teamId: heard.teamId || before.teamId, name: heard.name || before.name };
    if (now.teamId === before.teamId && now.name === before.name) return;
    await memory.put(keyOf(place), now);
    told.forget(keyOf(place));
  }

  return {
    async nameOf(room) {
      try {
        const { teamId, name } = await toldOf(room);
        return teamId === '' ? name || undefined : await channelName(room, teamId);
      } catch {
        return undefined;
      }
    },
    note: (place, activity) => note(place, activity).catch(() => undefined),
  };
}

/** Before anything is done about an activity, what it says of its room is known. */
export function mountRooms(dispatch: Dispatch, rooms: Rooms): void {
  for (const type of ['message', 'conversationUpdate', 'installationUpdate'] as const)
    dispatch.on(type, ({ conversation, activity }) => rooms.note(conversation, activity));
}

function toldBy({ conversation, channelData }: Json): Told {
  const teamId = textOf(at(channelData, 'team', 'id')) || textOf(at(channelData, 'teamsTeamId'));
  const isGroup = at(conversation, 'conversationType') === 'groupChat';
  return { teamId, name: isGroup ? textOf(at(conversation, 'name')) : '' };
}

function toldIn(stored: unknown): Told {
  return { teamId: textOf(at(stored, 'teamId')), name: textOf(at(stored, 'name')) };
}

function keyOf({ tenant, id }: Conversation): string {
  return `teams:room:${tenant}:${roomOf(id)}`;
}

function teamKey({ tenant }: Conversation, teamId: string): string {
  return `${tenant} ${teamId}`;
}
