import { openStage, type Stage, type StageOptions, until } from '../../bot/stage.ts';
import { createPostgresDatabase } from '../../fakes/database.ts';
import { trustTestCertificate } from '../../fakes/entra.ts';
import type { Patience } from '../../fakes/teams/delivery.ts';
import { type People, people } from '../../fakes/teams/people.ts';
import { type FakeTeams, startFakeTeams, tenantId } from '../../fakes/teams/server.ts';
import type { TeamsMessage, TeamsUser } from '../../fakes/teams/state.ts';

/** A bot in a small Teams, with a strict model and real MCP servers. */
export interface TeamsStage {
  readonly stage: Stage;
  readonly teams: FakeTeams;
  readonly people: People;
  readonly alice: TeamsUser;
  readonly bob: TeamsUser;
  /** A channel with the bot, Alice and Bob in it. */
  readonly ops: string;
  /** The bot's final messages in a conversation, once they are this many. */
  answers(conversation: string, count?: number): Promise<readonly TeamsMessage[]>;
  close(): Promise<void>;
}

export interface TeamsStageOptions extends StageOptions {
  readonly patience?: Partial<Patience>;
}

/** What a bot needs that is installed in the double. */
export function envOf(teams: FakeTeams): Readonly<Record<string, string>> {
  return {
    ...teams.env,
    TEAMS_OPENID_METADATA_URL: teams.openIdMetadataUrl,
    TEAMS_LOGIN_URL: teams.tokenEndpoint.authority,
  };
}

export async function openTeamsStage(options: TeamsStageOptions = {}): Promise<TeamsStage> {
  const { patience, env = {}, ...rest } = options;
  // A busy machine is no reason to fail.
  const teams = await startFakeTeams({
    ackMs: 15_000,
    resendDelaysMs: [0, 100],
    invokeMs: 15_000,
    ...patience,
  });
  trustTestCertificate();
  const who = people(teams);
  const alice = who.user('Alice');
  const bob = who.user('Bob');
  const ops = who.channel('ops', [alice, bob]);
  const stage = await openStage({
    ...rest,
    env: {
      DATABASE_URL: await createPostgresDatabase('migrated'),
      ...envOf(teams),
      AI_OPS_ADMINS: `teams:${tenantId}:${bob.aadObjectId}`,
      ...env,
    },
  });
  teams.deliverTo(stage.bot.url);
  const tenant = { name: 'Acme', platform: 'teams', external_id: tenantId };
  const made = await stage.bot.fetch('/api/plugins/ai-ops/tenants/', {
    method: 'POST',
    body: JSON.stringify(tenant),
    headers: { 'content-type': 'application/json' },
  });
  if (!made.ok) throw new Error(`the tenant was not let in: ${await made.text()}`);
  return {
    stage,
    teams,
    people: who,
    alice,
    bob,
    ops,
    async answers(conversation, count = 1) {
      const heard = () => who.heard(conversation).filter(isFinal);
      await until(() => heard().length >= count, 15_000);
      return heard();
    },
    async close() {
      await stage.close();
      await teams.close();
    },
  };
}

/** Whether a message is an answer of the model, and not a preview of one. */
export function isFinal({ activity, stream }: TeamsMessage): boolean {
  const isOpen = stream !== undefined && stream.state === 'open';
  return !isOpen && JSON.stringify(activity.entities ?? []).includes('AIGeneratedContent');
}

/** All words of a message, of its cards too. */
export function wordsOf(message: TeamsMessage | undefined): string {
  return `${String(message?.activity.text ?? '')} ${JSON.stringify(message?.activity.attachments ?? [])}`;
}
