import { noticeFor, type Spot } from '../inbox/spot.ts';
import { type Ending, nobody, type Run, type ScheduleStore } from './port.ts';
import { stableId } from './stable-id.ts';

export interface PromptParts {
  readonly store: ScheduleStore;
  /** Where a target of this owner is, or a sentence why it is nowhere. */
  readonly spotOf: (target: string, principal: string) => Spot | string;
  /** Why this owner may not ask now, as a sentence. */
  readonly refusalOf: (principal: string) => Promise<string | undefined>;
  /** A thread which nobody sees. */
  readonly threadFor: (id: string) => string;
}

/**
 * Asks what a schedule's owner would have asked, through the same inbox as a person. In a channel it opens a
 * thread, in which the answer and what people say to it follow. Where nobody is to see it, the history keeps
 * the answer.
 */
export async function askPrompt(
  run: Run,
  { store, spotOf, refusalOf, threadFor }: PromptParts,
): Promise<Ending | 'begun'> {
  const { schedule } = run;
  const refusal = await refusalOf(schedule.owner.principal);
  if (refusal !== undefined) return { state: 'failed', error: refusal };
  const isUnseen = schedule.target === nobody;
  const spot = isUnseen ? undefined : spotOf(schedule.target, schedule.owner.principal);
  if (typeof spot === 'string') return { state: 'failed', error: spot };
  const turnId = stableId(run.id, 'turn');
  const inbound = {
    dedupeKeys: [`schedule:${run.id}`],
    author: schedule.owner,
    text: schedule.prompt,
    isUnattended: true,
  };
  if (spot === undefined) {
    await store.becomeTurn(run, { turnId, inbound: { ...inbound, threadId: threadFor(turnId) }, isUnseen });
    return 'begun';
  }
  if (spot.place.type === 'thread') {
    await store.becomeTurn(run, { turnId, inbound: { ...inbound, threadId: spot.place.threadId } });
    return 'begun';
  }
  const notice = noticeFor(spot, {
    id: stableId(run.id, 'opening'),
    title: schedule.name,
    text: `⏰ **${schedule.name}**, for ${schedule.owner.name || schedule.owner.principal}`,
    author: schedule.owner,
    first: { turnId, inbound },
  });
  await store.becomeTurn(run, { notice });
  return 'begun';
}
