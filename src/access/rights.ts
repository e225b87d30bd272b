import type { Principal } from '../chat/inbound.ts';
import type { Clock } from '../observe/port.ts';
import { expand } from './permissions.ts';
import type { AccessStore, Granted, Subject } from './port.ts';

/** The person at the machine, signed in by the link that the bot prints. */
export const operator = { principal: 'web:operator', name: 'Operator' } as const;

/** Who holds `AI_OPS_ADMIN_TOKEN`. */
export const adminToken = { principal: 'token:admin', name: 'Admin token' } as const;

export interface RightsOptions {
  readonly store: Pick<AccessStore, 'rights'>;
  /** The names of all permissions. */
  readonly all: ReadonlySet<string>;
  /** Principals that hold everything, whatever is granted. */
  readonly admins: readonly Principal[];
  readonly clock: Clock;
}

/** What people and programs may do. */
export interface Rights {
  /** The names of all permissions. */
  readonly all: ReadonlySet<string>;
  /** What somebody holds, by name; one statement. */
  rightsOf(subject: Subject): Promise<ReadonlySet<string>>;
  /** The same, of what was looked up already. */
  of(granted: Granted): ReadonlySet<string>;
}

/** Grants and the admins of the environment together. */
export function createRights({ store, all, admins, clock }: RightsOptions): Rights {
  const everything = new Set<Principal>([...admins, operator.principal, adminToken.principal]);

  function of({ permissions, principals }: Granted): ReadonlySet<string> {
    return principals.some((principal) => everything.has(principal)) ? all : expand(permissions, all);
  }

  return {
    all,
    of,
    rightsOf: async (subject) => of(await store.rights(subject, new Date(clock.now()))),
  };
}
