import type { NeededRun } from '../agent/dispatch.ts';
import { addImages, type TurnImages } from '../agent/images.ts';
import { toolOf } from '../agent/indirect.ts';
import type { Journal } from '../agent/loop.ts';
import type { ToolInput } from '../agent/middleware.ts';
import type { Step } from '../agent/steps.ts';
import type { Principal } from '../chat/inbound.ts';
import { type Lease, StopRequestedError } from '../inbox/port.ts';
import type { AuditRecord, Fenced, StepWrite, TurnStore } from './port.ts';
import { chargeRecords, chargesOf } from './spent.ts';
import type { TurnState } from './turn-state.ts';

/** The journal of one activation, and what the settlement needs to know of it. */
export interface TurnJournal extends Journal {
  /** Stores that a write begins and spends its approval. */
  begin(input: ToolInput, digest: string, approvalId: string | undefined): Promise<void>;
  /** Stores that a run ended without a result, and gives back the approval that it had spent. */
  needed(input: ToolInput, run: NeededRun): Promise<void>;
  /** The newest event that this turn knows of. */
  seen(): number;
}

export interface JournalOptions {
  readonly turns: TurnStore;
  readonly lease: Lease;
  readonly turnId: string;
  readonly asker: Principal;
  /** Whether the speaker's name is kept with what they say. */
  readonly named: boolean;
  readonly steps: readonly Step[];
  readonly images: TurnImages;
  /** What layers keep with the turn; stored with its steps. */
  readonly state: Pick<TurnState, 'take'>;
  readonly seen: number;
  /** Somebody may have written since the turn began; otherwise the first look is saved. */
  readonly news: boolean;
}

/**
 * Stores each step as it ends, one after another, and learns from each write whether somebody spoke.
 * What has ended is stored even when the turn is to stop: the database refuses it if the lease is lost.
 */
export function createJournal(options: JournalOptions): TurnJournal {
  const { turns, lease, turnId, asker } = options;
  const steps: Step[] = [...options.steps];
  const images = new Map(options.images);
  let seen = options.seen;
  let { news } = options;
  let last: Promise<unknown> = Promise.resolve();

  /** Steps are numbered in the order they are stored, so writes of parallel calls queue here. */
  function inOrder<T>(work: () => Promise<T>): Promise<T> {
    const next = last.then(work);
    last = next.catch(() => undefined);
    return next;
  }

  function learn(fenced: Fenced): void {
    news ||= fenced.seen > seen;
    seen = Math.max(seen, fenced.seen);
    if (fenced.stopRequestedBy !== undefined) throw new StopRequestedError(fenced.stopRequestedBy);
  }

  async function store(step: Step, extra: Omit<StepWrite, 'turnId' | 'at' | 'steps'>): Promise<void> {
    const state = options.state.take();
    const write = { turnId, at: steps.length, steps: [step], ...extra };
    const fenced = await turns.write(lease, state === undefined ? write : { ...write, state });
    steps.push(step);
    learn(fenced);
  }

  return {
    steps,
    images,
    append: (step, kept) =>
      inOrder(() => {
        if (step.type === 'result' && kept?.images !== undefined)
          addImages(images, step.message.callId, kept.images);
        return store(step, { ...recordsOf(step, asker), ...(kept === undefined ? {} : { kept }) });
      }),
    begin: (input, digest, approvalId) =>
      inOrder(() => {
        lease.check();
        const spend = approvalId === undefined ? {} : { spend: { approvalId, digest } };
        const named = approvalId === undefined ? {} : { approvalId };
        const audit = [
          { actor: asker, action: 'tool.begin', target: input.tool.name, detail: { digest, ...named } },
        ];
        return store({ type: 'begun', callId: input.call.id, digest, ...named }, { ...spend, audit });
      }),
    needed: (input, { need, durationMs, approvalId }) =>
      inOrder(() => {
        const detail = { need: need.type, server: need.server, call_id: input.call.id };
        const audit = [{ actor: asker, action: 'tool.needed', target: input.tool.name, detail }];
        const step = { type: 'needed', callId: input.call.id, need: need.type, durationMs } as const;
        if (input.tool.effect === 'destructive') return store({ ...step, mayHaveRun: true }, { audit });
        return store(step, { ...(approvalId === undefined ? {} : { restore: approvalId }), audit });
      }),
    steer: () =>
      inOrder(async () => {
        if (!news) return [];
        lease.check();
        const said = await turns.steer(lease, { turnId, asker, at: steps.length, named: options.named });
        news = false;
        seen = Math.max(seen, said.seen);
        steps.push(...said.steps);
        return said.steps.flatMap((step) => (step.type === 'said' ? [step.message] : []));
      }),
    seen: () => seen,
  };
}

/** What a step costs and what the audit log says of it. */
export function recordsOf(step: Step, asker: Principal): Pick<StepWrite, 'charges' | 'audit'> {
  if (step.type === 'model' && step.model !== '') {
    return { charges: chargeRecords(chargesOf(step), asker, step.durationMs) };
  }
  if (step.type === 'result' && step.ran) return { audit: [toolRecord(step, asker)] };
  return {};
}

function toolRecord(step: Step & { type: 'result' }, asker: Principal): AuditRecord {
  const detail = { ok: !step.message.isError, duration_ms: step.durationMs, call_id: step.message.callId };
  return { actor: asker, action: 'tool.call', target: toolOf(step.message), detail };
}
