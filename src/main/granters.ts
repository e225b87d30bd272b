import { expand } from '../access/permissions.ts';
import type { Caller } from '../resources/definition.ts';
import { grants } from '../resources/grants.ts';
import { identities } from '../resources/identities.ts';
import { idOf, nameOf } from '../resources/input.ts';
import { roles } from '../resources/roles.ts';
import type { Rows } from '../resources/rows.ts';
import type { World } from '../resources/world.ts';

/** More than these are not named. */
const most = 3;

export interface GranterOptions {
  readonly rows: Rows;
  readonly permissions: Caller['permissions'];
  /** The first admins, by principal. */
  readonly admins: readonly string[];
  /** What platforms say of those who never wrote to the bot. */
  readonly personOf: World['personOf'];
}

/** Who can give rights: the first admins, and whoever has a role that allows it. */
export function createGranters({ rows, permissions, admins, personOf }: GranterOptions) {
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
    const named = await Promise.all(who.map((principal) => granterOf(principal, { rows, personOf })));
    return namesOf(named);
  };
}

function isOver(expires: unknown): boolean {
  return typeof expires === 'string' && Date.parse(expires) < Date.now();
}

interface Granter {
  readonly principal: string;
  readonly name: string;
  /** Of those who are known. */
  readonly person: string;
}

async function granterOf(
  principal: string,
  { rows, personOf }: Pick<GranterOptions, 'rows' | 'personOf'>,
): Promise<Granter> {
  const known = await rows.find(identities, { name: principal });
  const person = idOf(known?.person) ?? principal;
  if (typeof known?.name === 'string' && known.name !== '') return { principal, name: known.name, person };
  const told = await personOf(principal);
  return { principal, name: told?.type === 'person' ? told.name : principal, person };
}

/** As people call them, each person once; the principal tells those apart who are called alike. */
function namesOf(granters: readonly Granter[]): readonly string[] {
  const each = granters.filter(({ person }, n) => granters.findIndex((one) => one.person === person) === n);
  return each.map(({ name, principal }) =>
    each.some((one) => one.name === name && one.principal !== principal) ? `${name} (${principal})` : name,
  );
}
