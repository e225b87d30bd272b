import { expand } from '../access/permissions.ts';
import type { Rights } from '../access/rights.ts';
import { botAuthor } from '../bot/expiry.ts';
import { apiTokens } from '../resources/api-tokens.ts';
import { listOf } from '../resources/giving.ts';
import type { Database } from '../store/database.ts';
import { resourceStore } from '../store/resources.ts';

export interface OwnersOptions {
  readonly db: Database;
  readonly rights: Rights;
}

/**
 * Why the owner of something that happens by itself may not ask the model now, as a sentence. What the bot owns,
 * whoever runs it wrote into its bootstrap file: they want it asked.
 */
export async function refusalOfOwner(principal: string, options: OwnersOptions): Promise<string | undefined> {
  if (principal === botAuthor.principal) return undefined;
  const held = await heldBy(principal, options);
  return held.has('chat')
    ? undefined
    : `Its owner ${principal} may not chat; somebody who may must save what it does.`;
}

/** What an owner may do now; a token holds what it was made with, besides what grants give. */
async function heldBy(principal: string, { db, rights }: OwnersOptions): Promise<ReadonlySet<string>> {
  const granted = await rights.rightsOf(subjectOf(principal));
  const [kind, id = ''] = principal.split(':');
  if (kind !== 'token' || granted.has('chat')) return granted;
  const token = await resourceStore(db, () => {}).find(apiTokens, { id });
  const isOver = typeof token?.expires === 'string' && Date.parse(token.expires) <= Date.now();
  if (token?.is_enabled !== true || isOver) return granted;
  return expand(listOf(token.permissions), rights.all);
}

/** What grants to a whole tenant are about; who comes from a platform is taken for its member. */
function subjectOf(principal: string) {
  const [platform, id = ''] = principal.split(':');
  if (platform !== 'slack' && platform !== 'teams') return { principal };
  return { principal, tenant: { platform, id, isMember: true } } as const;
}
