import type { Author } from '../../src/chat/inbound.ts';
import { at, isRecord, type Json, records, textOf } from '../../src/chat/json.ts';
import { approvalsBlocks, blockPrefix } from './approval-blocks.ts';
import type { Person, SlackContext } from './context.ts';
import { teamOf } from './inbound.ts';

/** Where a decision was made: the message that asks, and who clicked. */
export interface Click {
  readonly team: string;
  readonly user: string;
  readonly channel: string;
  readonly ts: string;
  readonly threadTs: string;
  readonly approvalId: string;
  readonly trigger: string;
}

/** Draws the message's questions as they stand now; what else it says stays. */
export async function redraw(context: SlackContext, click: Click, person: Person): Promise<void> {
  const message = await currentMessage(context.api, click);
  if (message !== undefined) await redrawMessage(context, click, { message, by: person.author });
}

/** The same for a message that was just read. Resolves to its new blocks. */
export async function redrawMessage(
  { api, bot }: SlackContext,
  { team, channel, ts }: Pick<Click, 'team' | 'channel' | 'ts'>,
  { message, by }: { readonly message: Json; readonly by: Author },
): Promise<readonly Json[]> {
  const ids = new Set(records(message.blocks).flatMap((block) => idOf(block) ?? []));
  const views = await Promise.all([...ids].map((id) => bot.approval(id, by)));
  const asked = views.flatMap((view) => view?.approval ?? []);
  const others = records(message.blocks).filter((block) => idOf(block) === undefined);
  const drawn = approvalsBlocks(asked, others);
  const cards = new Map(asked.map(({ id }, n) => [id, drawn[n] ?? []]));
  const placed = new Set<string>();
  const blocks = records(message.blocks).flatMap((block) => {
    const id = idOf(block);
    if (id === undefined) return [withoutIds(block)];
    if (placed.has(id)) return [];
    placed.add(id);
    return cards.get(id) ?? [];
  });
  await api.attempt(
    team,
    'chat.update',
    { channel, ts, text: textOf(message.text), blocks },
    { patienceMs: 3000 },
  );
  return blocks;
}

/** Whether a message still asks for a decision. */
export function hasButtons(message: Json): boolean {
  return records(message.blocks).some(
    ({ type, block_id: id }) =>
      type === 'actions' && textOf(id).startsWith(blockPrefix) && textOf(id).endsWith(':buttons'),
  );
}

async function currentMessage(
  api: SlackContext['api'],
  { team, channel, ts, threadTs }: Click,
): Promise<Json | undefined> {
  const args = { channel, ts: threadTs, oldest: earlier(ts), limit: 200 };
  const page = await api.attempt(team, 'conversations.replies', args, { patienceMs: 2000 });
  return records(page?.messages).find((message) => message.ts === ts);
}

/** A timestamp just before. */
function earlier(ts: string): string {
  const [seconds = '0', micros = '0'] = ts.split('.');
  return `${Number(seconds) - 1}.${micros}`;
}

function idOf(block: Json): string | undefined {
  const id = textOf(block.block_id);
  return id.startsWith(blockPrefix) ? id.slice(blockPrefix.length).split(':')[0] : undefined;
}

/** Ids that Slack gave to blocks must not be sent again. */
function withoutIds({ block_id: _id, ...block }: Json): Json {
  return block;
}

/** What a modal keeps of the click that opened it. */
export function placeOf({ channel, ts, threadTs, approvalId }: Click): string {
  return JSON.stringify([channel, ts, threadTs, approvalId]);
}

/** The click that opened a submitted modal; what its place says is checked again. */
export function clickIn(json: Json): Click {
  const place: unknown = JSON.parse(textOf(at(json, 'view', 'private_metadata')) || '[]');
  const [channel = '', ts = '', threadTs = '', approvalId = ''] = Array.isArray(place)
    ? place.map(textOf)
    : [];
  const who = { team: teamOf(json), user: textOf(at(json, 'user', 'id')) };
  return { ...who, channel, ts, threadTs, approvalId, trigger: '' };
}

/** The click that a payload tells of. */
export function clickOf(body: Json): Click {
  const [action] = records(body.actions);
  const message = isRecord(body.message) ? body.message : {};
  return {
    team: teamOf(body),
    user: textOf(at(body, 'user', 'id')),
    channel: textOf(at(body, 'channel', 'id')) || textOf(at(body, 'container', 'channel_id')),
    ts: textOf(message.ts) || textOf(at(body, 'container', 'message_ts')),
    threadTs: textOf(message.thread_ts) || textOf(message.ts),
    approvalId: textOf(action?.value),
    trigger: textOf(body.trigger_id),
  };
}
