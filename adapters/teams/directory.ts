import { UnavailableError } from '../../src/chat/errors.ts';
import { type Json, textOf } from '../../src/chat/json.ts';
import { remembering } from '../../src/chat/remembering.ts';
import type { Clock } from '../../src/observe/port.ts';
import type { TeamsApi } from './api.ts';
import { TeamsCallError } from './call-error.ts';
import type { Conversation } from './thread-id.ts';

/** Somebody of a conversation. */
export interface Member {
  readonly name: string;
  /** Undefined: nobody of Entra. */
  readonly aadObjectId?: string;
  readonly email?: string;
  /** Of this organisation: no guest, nobody of another one. */
  readonly isMember: boolean;
}

/** Who is who; remembered for a while. */
export interface Directory {
  /** Throws `UnavailableError` while Teams cannot tell: who may do what depends on it. */
  member(at: Conversation, userId: string): Promise<Member>;
}

const patienceMs = 1500;

export function createDirectory(api: TeamsApi, clock: Clock): Directory {
  const known = remembering<Member>(clock);

  async function ask(place: Conversation, userId: string): Promise<Member> {
    try {
      const signal = AbortSignal.timeout(patienceMs * 2);
      return memberOf(place.tenant, await api.member(place, userId, { signal, patienceMs }));
    } catch (error) {
      // Teams knows nobody of this name there; a closed door says nothing about the person.
      if (error instanceof TeamsCallError && error.status === 404 && error.code !== 'unknown_conversation')
        return { name: userId, isMember: false };
      throw new UnavailableError('Teams does not say who this is. Try again in a moment.', { cause: error });
    }
  }

  return {
    member: (place, userId) => known.of(`${place.tenant} ${userId}`, () => ask(place, userId)),
  };
}

/** A guest has the role, or a name of another organisation; a person from outside has another tenant. */
export function memberOf(tenant: string, told: Json): Member {
  const [email, upn] = [textOf(told.email), textOf(told.userPrincipalName)];
  const aadObjectId = (textOf(told.aadObjectId) || textOf(told.objectId)).toLowerCase();
  const role = textOf(told.userRole).toLowerCase();
  const home = textOf(told.tenantId).toLowerCase();
  const isForeign = (home !== '' && home !== tenant) || /#EXT#/i.test(upn);
  return {
    name: textOf(told.name) || textOf(told.givenName) || upn || 'somebody',
    // Where Teams says neither the role nor the home, nobody is taken for one of this organisation.
    isMember: aadObjectId !== '' && !isForeign && (role === 'user' || (role === '' && home !== '')),
    ...(aadObjectId === '' ? {} : { aadObjectId }),
    ...(email === '' ? {} : { email }),
  };
}
