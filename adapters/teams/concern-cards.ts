import { type ConcernChoice, concernLine, snoozes } from '../../src/chat/concern-words.ts';
import { at, isRecord, type Json, records } from '../../src/chat/json.ts';
import type { ConcernCard } from '../../src/chat/reply.ts';
import { execute, inReadersTime, textBlock } from './card-parts.ts';
import { plainInCard } from './safe-text.ts';
import { verbs } from './verbs.ts';

/** What a card gets besides what a reply says. */
export interface CardEnd {
  readonly body: readonly Json[];
  readonly actions: readonly Json[];
}

/** What needs attention: who did what, and buttons while it is not resolved. */
export function concernEnd(card: ConcernCard): CardEnd {
  const named = card.by === undefined ? card : { ...card, by: plainInCard(card.by) };
  const line = concernLine(named, inReadersTime);
  const color = card.state === 'snoozed' ? 'Default' : 'Good';
  return {
    body: line === '' ? [] : [textBlock(line, { weight: 'Bolder', color })],
    actions: card.state === 'resolved' ? [] : actionsOf(card),
  };
}

function actionsOf({ id: concernId, state }: ConcernCard): readonly Json[] {
  if (state !== 'open') return [execute('Reopen', verbs.reopen, { concernId })];
  const choices = snoozes.map(({ label, minutes }: Required<ConcernChoice>) => ({
    title: label,
    value: String(minutes),
  }));
  const forHowLong = {
    ...{ type: 'Input.ChoiceSet', id: 'minutes', label: 'For how long?', style: 'compact' },
    ...{ value: choices[0]?.value ?? '', choices },
  };
  const snooze = execute('Snooze', verbs.snooze, { concernId });
  return [
    execute('Acknowledge', verbs.acknowledge, { concernId }),
    {
      type: 'Action.ShowCard',
      title: 'Snooze …',
      card: { type: 'AdaptiveCard', body: [forHowLong], actions: [snooze] },
    },
  ];
}

/** The card that a message of the bot carries. */
export function cardIn(message: Json | undefined): Json | undefined {
  const content = at(records(message?.attachments)[0], 'content');
  return isRecord(content) ? content : undefined;
}
