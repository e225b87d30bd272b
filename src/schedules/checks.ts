import { z } from 'zod';
import { clipped } from '../chat/clipped.ts';
import type { BegunTurn, Question, Run, ScheduleStore, SeenCheck } from './port.ts';
import type { Item } from './report-items.ts';
import { stableId } from './stable-id.ts';

export interface CheckParts {
  readonly store: Pick<ScheduleStore, 'ask' | 'turns'>;
  /** Why this owner may not ask now, as a sentence. */
  readonly refusalOf: (principal: string) => Promise<string | undefined>;
  /** A thread for one check, which nobody sees. */
  readonly threadFor: (id: string) => string;
  readonly stop: (threadId: string) => Promise<void>;
  /** The names of the bot's own tools: whoever calls no other has looked at nothing. */
  readonly ownTools: ReadonlySet<string>;
  /** Waits a moment; throws when aborted. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Milliseconds that only rise. */
  readonly elapsed: () => number;
}

/** A check's answer, and what it rests on: for the model, and for people. */
export interface Checked {
  readonly item: Item;
  readonly evidence: string;
  readonly seen: SeenCheck;
}

const defaultSeconds = 120;
const lookEveryMs = 500;
const usualRule =
  'ok when it holds; warning when it holds only in part or soon will not; critical when it does not hold';
const settled = ['done', 'failed', 'stopped', 'waiting'];

/**
 * Lets the model answer each question with tools, in a turn of its own. Only a turn that ended well, looked at
 * something and ends in a verdict counts; everything else is unknown and says why.
 */
export async function runChecks(
  run: Run,
  parts: CheckParts,
  signal: AbortSignal,
): Promise<readonly Checked[]> {
  const { checks, owner } = run.schedule;
  if (checks.length === 0) return [];
  const refusal = await parts.refusalOf(owner.principal);
  if (refusal !== undefined) return checks.map((check) => refused(check, refusal));
  const asked = checks.map((check, n) => {
    const turnId = stableId(run.id, 'check', String(n));
    const threadId = parts.threadFor(turnId);
    const dedupeKeys = [`schedule:${run.id}:check:${n}`];
    return {
      check,
      turnId,
      inbound: { threadId, dedupeKeys, author: owner, text: wordsOf(check), isUnattended: true },
    };
  });
  if (!(await parts.store.ask(run, asked))) signal.throwIfAborted();
  return await answersOf(asked, parts, signal);
}

/** For the history; nothing where nothing was asked. */
export function checksOf(checked: readonly Checked[]): { readonly checks?: readonly SeenCheck[] } {
  return checked.length === 0 ? {} : { checks: checked.map(({ seen }) => seen) };
}

interface Asked {
  readonly check: Question;
  readonly turnId: string;
  readonly inbound: { readonly threadId: string };
}

/** Each as it is at its end; what waits for people, or takes too long, is stopped there and then. */
async function answersOf(
  asked: readonly Asked[],
  parts: CheckParts,
  signal: AbortSignal,
): Promise<readonly Checked[]> {
  const startedAt = parts.elapsed();
  const isLate = ({ seconds = defaultSeconds }: Question) => parts.elapsed() - startedAt > seconds * 1000;
  const answers = new Map<string, Checked>();
  for (;;) {
    const open = asked.filter(({ turnId }) => !answers.has(turnId));
    const found = await parts.store.turns(open.map(({ turnId }) => turnId));
    const turns = new Map(found.map((turn) => [turn.id, turn]));
    for (const { check, turnId, inbound } of open) {
      const turn = turns.get(turnId);
      if (!settled.includes(turn?.state ?? 'queued') && !isLate(check)) continue;
      answers.set(turnId, judged(check, turn, parts));
      if (!isEnded(turn)) await parts.stop(inbound.threadId);
    }
    if (answers.size === asked.length) return asked.flatMap(({ turnId }) => answers.get(turnId) ?? []);
    await parts.pause(lookEveryMs, signal);
  }
}

function refused(check: Question, refusal: string): Checked {
  return checkedOf({ ...basisOf(check), verdict: 'unknown', why: refusal, said: '', calls: [] });
}

function isEnded(turn: BegunTurn | undefined): boolean {
  return turn !== undefined && ['done', 'failed', 'stopped'].includes(turn.state);
}

function wordsOf({ question, rule = usualRule }: Question): string {
  return [
    `Answer this question for a health report: ${question}`,
    `The rule for the verdict: ${rule}.`,
    'Find out with tools that only read; do not guess. Say in one or two sentences what you saw, with the figures. If you cannot find out, say so and give the verdict unknown.',
    'End with a line of its own: VERDICT: ok, VERDICT: warning, VERDICT: critical or VERDICT: unknown.',
  ].join('\n\n');
}

const verdictSchema = z.enum(['ok', 'warning', 'critical', 'unknown']);

function judged(check: Question, turn: BegunTurn | undefined, { ownTools }: CheckParts): Checked {
  const calls = turn?.calls.filter(({ tool }) => !ownTools.has(tool)) ?? [];
  return checkedOf({
    ...basisOf(check),
    ...verdictOf(check, turn, calls),
    said: withoutVerdict(turn?.reply?.text ?? ''),
    calls: calls.map((call) => ({ ...call, arguments: clipped(call.arguments, mostArguments) })),
  });
}

function basisOf({ question, rule = '' }: Question): Pick<SeenCheck, 'question' | 'rule'> {
  return { question, rule: rule === '' ? usualRule : rule };
}

const [mostArguments, mostQuestion, mostSaid] = [200, 200, 500];

function checkedOf(seen: SeenCheck): Checked {
  const { question, verdict, why, said, calls } = seen;
  const line = clipped(said.replaceAll(/\s*\n+\s*/g, ' '), mostSaid);
  const told = why === undefined ? `${verdict}${line === '' ? '' : `: ${line}`}` : `no verdict: ${why}`;
  const called = calls.map(({ tool, ok }) => `${tool} (${ok ? 'ok' : 'failed'})`).join(', ') || 'none';
  return {
    item: {
      key: `check:${question}`,
      section: 'Checks',
      verdict,
      text: `${clipped(question, mostQuestion)} — ${told}`,
    },
    evidence: `Check: ${question}\nTools called: ${called}\nAnswer: ${said || 'none'}`,
    seen,
  };
}

type Judgement = Pick<SeenCheck, 'verdict' | 'why'>;

function verdictOf(
  { seconds = defaultSeconds }: Question,
  turn: BegunTurn | undefined,
  calls: BegunTurn['calls'],
): Judgement {
  const unknown = (why: string): Judgement => ({ verdict: 'unknown', why });
  if (turn === undefined || turn.state === 'queued' || turn.state === 'running')
    return unknown(`it took longer than ${seconds} s`);
  if (turn.state === 'waiting') return unknown('it wanted to do more than read');
  if (turn.state !== 'done') return unknown(failureOf(turn));
  const found = [...(turn.reply?.text ?? '').matchAll(/^[\s*_>#-]*VERDICT:[\s*_]*(\w+)/gim)].at(-1)?.[1];
  const read = verdictSchema.safeParse(found?.toLowerCase());
  if (!read.success) return unknown('the model gave none');
  if (calls.length === 0 && read.data !== 'unknown') return unknown('the model looked at nothing');
  if (read.data === 'ok' && !calls.some(({ ok }) => ok))
    return unknown('the model looked at nothing: every tool that it called failed');
  return { verdict: read.data };
}

function failureOf({ state, reply }: BegunTurn): string {
  if (state === 'stopped') return 'somebody stopped it';
  const [why = ''] = (reply?.text ?? '').split('\n\n');
  return why === '' ? 'its turn failed' : `its turn failed. ${clipped(why, 200)}`;
}

function withoutVerdict(text: string): string {
  return text.replaceAll(/^[\s*_>#-]*VERDICT:.*$/gim, '').trim();
}
