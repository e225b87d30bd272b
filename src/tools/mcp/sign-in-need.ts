import type { Need } from '../../agent/tool.ts';
import type { ServerConfig } from '../port.ts';

/** What somebody is asked for who has to sign in to a server. */
export function signInTo({ id, name }: Pick<ServerConfig, 'id' | 'name'>): Need {
  return { type: 'sign_in', server: name, serverId: id };
}
