import type { Author, Principal } from '../../src/chat/inbound.ts';
import { type Json, textOf } from '../../src/chat/json.ts';
import type { TeamsApi } from './api.ts';
import { safeProse } from './safe-text.ts';
import type { Conversation } from './thread-id.ts';

/** Who is told, by principal: the id by which Teams notifies them. */
export type Notified = ReadonlyMap<Principal, string>;

const mostTold = 20;
const patienceMs = 1500;

/** Those of the mentioned who are members of the conversation; Teams takes a mention of nobody else. Never throws. */
export async function notifiedIn(
  api: TeamsApi,
  place: Conversation,
  mentions: readonly Author[] = [],
): Promise<Notified> {
  const found = await Promise.all(
    mentions.slice(0, mostTold).map(async ({ principal }) => {
      const [platform, tenant, aadObjectId = ''] = principal.split(':');
      if (platform !== 'teams' || tenant !== place.tenant || aadObjectId === '') return [];
      const options = { signal: AbortSignal.timeout(patienceMs * 2), patienceMs };
      const told = await api.member(place, aadObjectId, options).catch(() => undefined);
      const id = textOf(told?.id);
      return id === '' ? [] : [[principal, id] as const];
    }),
  );
  return new Map(found.flat());
}

interface Told {
  readonly text: string;
  readonly entity?: Json;
}

/** The words that tell people, and what makes Teams notify them. Others are only named. */
export function toldIn(
  mentions: readonly Author[] = [],
  notified: Notified = new Map(),
): { readonly text: string; readonly entities: readonly Json[] } {
  const told = mentions.slice(0, mostTold).flatMap(({ principal, name }): readonly Told[] => {
    const id = notified.get(principal);
    const plain = safeProse(name.replaceAll(/[<>\n]/g, ' ').trim());
    if (id === undefined) return plain === '' ? [] : [{ text: plain }];
    const shown = plain === '' ? 'you' : plain;
    const text = `<at>${shown}</at>`;
    return [{ text, entity: { type: 'mention', text, mentioned: { id, name: shown } } }];
  });
  return {
    text: told.map(({ text }) => text).join(' '),
    entities: told.flatMap(({ entity }) => (entity === undefined ? [] : [entity])),
  };
}
