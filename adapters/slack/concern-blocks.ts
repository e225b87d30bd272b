import { type ConcernChoice, concernLine, snoozes } from '../../src/chat/concern-words.ts';
import type { Author } from '../../src/chat/inbound.ts';
import type { Json } from '../../src/chat/json.ts';
import type { ConcernCard, Reply } from '../../src/chat/reply.ts';
import { escaped } from './safe-text.ts';

/** What needs attention as blocks: who did what, and buttons while it is not resolved. */
export function concernBlocks(card: ConcernCard): readonly Json[] {
  const named = card.by === undefined ? card : { ...card, by: escaped(card.by) };
  const line = concernLine(named, dateText);
  return [
    ...(line === '' ? [] : [{ type: 'context', elements: [{ type: 'mrkdwn', text: line }] }]),
    ...(card.state === 'resolved' ? [] : [{ type: 'actions', elements: elementsOf(card) }]),
  ];
}

/** Slack shows it in the time zone of who reads it. */
function dateText(iso: string): string {
  return `<!date^${Math.floor(Date.parse(iso) / 1000)}^{date_short_pretty} {time}|${iso}>`;
}

function elementsOf({ id, state }: ConcernCard): readonly Json[] {
  if (state !== 'open') return [button('reopen', 'Reopen', id)];
  const options = snoozes.map(({ label, minutes }: Required<ConcernChoice>) => ({
    text: { type: 'plain_text', text: label },
    value: `${minutes}:${id}`,
  }));
  return [
    button('acknowledge', 'Acknowledge', id),
    {
      type: 'static_select',
      action_id: 'concern_snooze',
      placeholder: { type: 'plain_text', text: 'Snooze for…' },
      options,
    },
  ];
}

function button(verb: string, text: string, value: string): Json {
  return { type: 'button', action_id: `concern_${verb}`, text: { type: 'plain_text', text }, value };
}

const mostTold = 20;

/** Who is told: people of this workspace are notified, others are only named. Empty: nobody. */
export function mentionText(mentions: Reply['mentions'], team: string): string {
  return (mentions ?? [])
    .slice(0, mostTold)
    .map((author) => mentionOf(author, team))
    .filter((words) => words !== '')
    .join(' ');
}

function mentionOf({ principal, name }: Author, team: string): string {
  const [platform, of, user = ''] = principal.split(':');
  return platform === 'slack' && of === team && /^[UW][A-Z0-9]+$/.test(user) ? `<@${user}>` : escaped(name);
}
