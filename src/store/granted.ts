import { type RawBuilder, sql } from 'kysely';
import type { Granted } from '../access/port.ts';
import { toJson } from './json.ts';

/** For whom grants are looked up: expressions over the statement around, which may be null. */
export interface GrantedTo {
  readonly principal: RawBuilder<unknown>;
  /** A jsonb list of names. */
  readonly groups: RawBuilder<unknown>;
  readonly channel?: RawBuilder<unknown>;
  /** `<platform>:<id>` of a full member. */
  readonly tenant?: RawBuilder<unknown>;
  readonly now: Date;
}

export const noGroups = sql`'[]'::jsonb`;

/** A list of names as jsonb. */
export function jsonList(names: readonly string[]): RawBuilder<unknown> {
  return sql`${toJson(names)}::jsonb`;
}

/**
 * A jsonb object like `Granted`: what unexpired grants give to the principal, to all principals of the
 * same person, and to groups, channel and tenant. A tenant counts while it is enabled.
 */
export function grantedTo({ principal, groups, channel, tenant, now }: GrantedTo): RawBuilder<Granted> {
  const subjects = sql.join(
    [
      sql`select ${principal}::text as principal`,
      sql`select other.principal from identities own join identities other using (person_id)
        where own.principal = ${principal}`,
      sql`select 'group:' || each.group_name from jsonb_array_elements_text(${groups}) each (group_name)`,
      ...(channel === undefined ? [] : [sql`select 'channel:' || ${channel}::text`]),
      ...(tenant === undefined ? [] : [tenantsOf(tenant)]),
    ],
    sql` union `,
  );
  return sql<Granted>`(
    with subjects as (${subjects})
    select jsonb_build_object(
      'principals', (select jsonb_agg(principal) from subjects),
      'permissions', (
        select coalesce(jsonb_agg(distinct each.permission), '[]')
        from grants join roles on roles.id = grants.role_id,
          jsonb_array_elements_text(roles.permissions) each (permission)
        where grants.principal in (select principal from subjects)
          and (grants.expires is null or grants.expires > ${now})
      )
    ))`;
}

function tenantsOf(tenant: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`select unnest(array['tenant:*', 'tenant:' || platform || ':' || external_id]) from tenants
    where is_enabled and platform || ':' || external_id = ${tenant}::text`;
}
