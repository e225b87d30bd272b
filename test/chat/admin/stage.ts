import { sql } from 'kysely';
import { type Administration, createAdministration } from '../../../src/chat/admin/administration.ts';
import type { AdminAnswer } from '../../../src/chat/admin/answer.ts';
import type { Desk } from '../../../src/chat/desk.ts';
import { createDesk } from '../../../src/main/desk.ts';
import type { Caller } from '../../../src/resources/definition.ts';
import { resources as all } from '../../../src/resources/index.ts';
import { createResources, type Resources } from '../../../src/resources/manage.ts';
import type { World } from '../../../src/resources/world.ts';
import { auditLog } from '../../../src/store/audit.ts';
import { resourceStore } from '../../../src/store/resources.ts';
import { undoStore } from '../../../src/store/undos.ts';
import { openTestPostgres, type TestDatabase } from '../../fakes/database.ts';
import { caller, fakeWorld } from '../../fakes/world.ts';

/** Administration over real resources on a real database, without a platform. */
export interface AdminStage {
  readonly database: TestDatabase;
  readonly resources: Resources;
  readonly desk: Desk;
  readonly admin: Administration;
  /** The same on another replica, or after the next start. */
  another(): Administration;
  readonly clock: { now(): number; ms: number };
  /** Everything that is configured, as text: it is the same as long as nothing changed. */
  everything(): Promise<string>;
  audit(): Promise<readonly { readonly action: string; readonly actor: string }[]>;
  close(): Promise<void>;
}

export const ada = caller();
export const viewer: Caller = caller(['chat', 'ai_ops.view_llmmodel', 'ai_ops.view_mcpserver'], 'Vic');
export const stranger: Caller = caller([], 'Stan');

export async function openAdminStage(world: Partial<World> = {}): Promise<AdminStage> {
  const database = await openTestPostgres();
  const { db } = database;
  const store = resourceStore(db, () => {});
  const resources = createResources({ resources: all, store, world: fakeWorld(world) });
  const clock = { ms: Date.now(), now: () => clock.ms };
  const make = () => {
    const desk = createDesk({
      resources,
      undos: undoStore(db, clock),
      audit: auditLog(db),
      clock,
      granters: async () => ['Bob (slack:T1:UBOB)'],
      secretNames: async () => ['env:OPENAI_API_KEY', 'file:web-token'],
    });
    const nothing = { label: 'Today', turns: 0, calls: 0, tokens: 0, costUsd: 0, costIsWhole: true };
    const usage = async () => ({
      totals: [nothing],
      byModel: [],
      byUser: [],
      byChannel: [],
      days: [nothing],
    });
    return { desk, admin: createAdministration({ desk, usage }) };
  };
  const { desk, admin } = make();
  return {
    ...{ database, resources, desk, admin, clock },
    another: () => make().admin,
    async everything() {
      const tables = [...new Set(all.map(({ table }) => table))].sort();
      const dumps = await Promise.all(
        tables.map(async (table) => {
          const { rows } = await sql<{ row: unknown }>`
            select to_jsonb(t) as row from ${sql.table(table)} t order by t.id`.execute(db);
          return JSON.stringify(rows);
        }),
      );
      return dumps.join('\n');
    },
    async audit() {
      const { rows } = await auditLog(db).list({}, { limit: 1000, offset: 0 });
      return rows;
    },
    close: () => database.close(),
  };
}

/** An answer's words. */
export function wordsOf(answer: AdminAnswer | undefined): string {
  if (answer === undefined) return '(talk)';
  if (answer.type !== 'list') return answer.text;
  const rows = answer.rows.map(
    ({ icon, title, facts }) =>
      `${icon} ${title} ${facts.map(({ label, text }) => `${label}: ${text}`).join(', ')}`,
  );
  return [answer.title, ...rows, answer.note].join('\n');
}
