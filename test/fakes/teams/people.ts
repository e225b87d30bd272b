import { type Clicking, clicking } from './people-clicking.ts';
import { type Sharing, sharing } from './people-files.ts';
import { type Places, places } from './people-places.ts';
import { type Writing, writing } from './people-writing.ts';
import type { FakeTeams } from './server.ts';
import { type Shown, shownAs, shownTo } from './shown.ts';
import { placeOf, type TeamsMessage, type TeamsUser } from './state.ts';

export interface People extends Places, Writing, Clicking, Sharing {
  /** What somebody sees of a conversation, oldest first: of a channel all threads, of a thread its own. */
  sees(user: TeamsUser, conversation: string): readonly Shown[];
  /** One message as somebody sees it. */
  look(user: TeamsUser, message: TeamsMessage): Shown;
  /** Messages of the bot that everybody sees, oldest first. */
  heard(conversation: string): readonly TeamsMessage[];
  /** How often the bot showed that it types. */
  typing(conversation: string): number;
}

/** What people do in the organisation. */
export function people(teams: FakeTeams): People {
  const { tenant } = teams;
  const writes = writing(teams);
  const clicks = clicking(teams, async (user, conversation, words) => {
    const isPersonal = tenant.conversations.get(placeOf(conversation).base)?.kind === 'personal';
    const said = await writes[isPersonal ? 'say' : 'mention'](user, conversation, words);
    return said.tries;
  });
  return {
    ...places(teams),
    ...writes,
    ...clicks,
    ...sharing(teams),
    sees: (user, conversation) => shownTo(tenant, user, conversation),
    look: (user, message) => shownAs(tenant, message, user),
    typing: (conversation) => tenant.typing.filter((sign) => sign.conversation === conversation).length,
    heard(conversation) {
      const isWhole = placeOf(conversation).root === undefined;
      return tenant.messages.filter(
        ({ conversation: where, by, isDeleted, onlyFor }) =>
          (where === conversation || (isWhole && placeOf(where).base === conversation)) &&
          by === tenant.bot.id &&
          !isDeleted &&
          onlyFor === undefined,
      );
    },
  };
}
