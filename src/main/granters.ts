import { expand } from '../access/permissions.ts';
import type { Caller } from '../resources/definition.ts';
import { grants } from '../resources/grants.ts';
import { identities } from '../resources/identities.ts';
import { nameOf } from '../resources/input.ts';
import { roles } from '../resources/roles.ts';
import type { Rows } from '../resources/rows.ts';

/** More than these are not named. */
const most = 3;

export interface GranterOptions {
  readonly rows: Rows;
  readonly permissions: Caller['permissions'];
  /** The first admins, by principal. */
  readonly admins: readonly string[];
}

/** Who can give rights: the first admins, and whoever has a role that allows it. */
export function createGranters({ rows, permissions, admins }: GranterOptions) {
  const all = { filters: [], order: [], limit: 1000, offset: 0 };

  async function givingRoles(): Promise<ReadonlySet<string>> {
    const { rows: found } = await rows.list(roles, all);
    const giving = found.filter((role) => {
      const held = expand(Array.isArray(role.permissions) ? role.permissions.map(String) : [], permissions);
      return held.has('manage_access') && held.has('ai_ops.add_grant');
    });
    return new Set(giving.map((role) => String(role.name)));
  }

  return async (): Promise<readonly string[]> => {
    const giving = await givingRoles();
    const { rows: given } = await rows.list(grants, all);
    const holders = given
      .filter((grant) => giving.has(nameOf(grant.role)) && !isOver(grant.expires))
      .map((grant) => String(grant.principal))
      .filter((principal) => !principal.startsWith('token:'));
    const who = [...new Set([...admins, ...holders])].slice(0, most);
    return await Promise.all(who.map((principal) => nameOfPrincipal(principal, rows)));
  };
}

function isOver(expires: unknown): boolean {
  return typeof expires === 'string' && Date.parse(expires) < Date.now();
}

/** How people call whom a principal stands for. */
export async function nameOfPrincipal(principal: string, rows: Rows): Promise<string> {
  const known = await rows.find(identities, { name: principal });
  const name = known?.name;
  return typeof name === 'string' && name !== '' ? `${name} (${principal})` : principal;
}
