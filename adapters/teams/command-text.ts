import { at, type Json, textOf } from '../../src/chat/json.ts';
import { principalOf } from './context.ts';
import type { Directory } from './directory.ts';
import { type Conversation, encodeThreadId } from './thread-id.ts';
import { mentionsOf, wordsOf } from './words.ts';

/**
 * A message as a command line: people and channels that it mentions as principals, so that they can be granted to.
 * Whoever Teams does not tell of stays a name. Never throws.
 */
export async function commandText(
  activity: Json,
  { conversation }: { readonly conversation: Conversation },
  { directory }: { readonly directory: Directory },
): Promise<string> {
  const principals = new Map<Json, string>();
  for (const mention of mentionsOf(activity)) {
    const principal = await mentionedPrincipal(mention, conversation, directory);
    if (principal !== undefined) principals.set(mention, principal);
  }
  const called = (name: string, mention: Json | undefined) =>
    (mention === undefined ? undefined : principals.get(mention)) ?? `@${name}`;
  return wordsOf(activity, called);
}

async function mentionedPrincipal(
  { mentioned }: Json,
  conversation: Conversation,
  directory: Directory,
): Promise<string | undefined> {
  const { tenant } = conversation;
  const [id, told] = [textOf(at(mentioned, 'id')), textOf(at(mentioned, 'aadObjectId'))];
  if (/^19:.+@thread\./.test(id)) return `channel:${encodeThreadId({ tenant, id })}`;
  if (id === '' || id.startsWith('28:')) return undefined;
  const aadObjectId =
    told || (await directory.member(conversation, id).catch(() => undefined))?.aadObjectId || '';
  return aadObjectId === '' ? undefined : principalOf({ tenant, aadObjectId });
}
