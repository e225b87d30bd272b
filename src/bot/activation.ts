import { setTimeout as sleep } from 'node:timers/promises';
import { dispatchWith } from '../agent/dispatch.ts';
import { type AgentRun, type Journal, runAgent } from '../agent/loop.ts';
import type { Activation, Onions, SearchedTools } from '../agent/middleware.ts';
import { openCalls, type Step } from '../agent/steps.ts';
import type { Lost } from '../agent/think.ts';
import type { TimedCall } from '../agent/timed.ts';
import type { Tool } from '../agent/tool.ts';
import type { ChatAdapter, MessageRef } from '../chat/adapter.ts';
import type { ThreadId } from '../chat/inbound.ts';
import type { Preview } from '../chat/live.ts';
import type { Lease, TurnRow, Work } from '../inbox/port.ts';
import type { Trace, TurnSide } from '../middleware/port.ts';
import type { Snapshot } from '../resources/port.ts';
import { allowed, readable } from './allowed-tools.ts';
import { backgroundHeard } from './background.ts';
import { dispatchFor, endedOf, listenerOf } from './dispatching.ts';
import { editedCall } from './editing.ts';
import { instructions } from './instructions.ts';
import { investigating } from './investigating.ts';
import { createJournal, type TurnJournal } from './journal.ts';
import { chooseMind, type Mind, roomOf } from './mind.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import type { BotParts } from './parts.ts';
import { askersWords, filesLoader, loadHistory, questionOf } from './past.ts';
import type { Approval, ModelFailure } from './port.ts';
import { strangerHeard } from './stranger.ts';
import { commandTools, modelTools, ownNames, type Toolset } from './toolset.ts';
import { noting, routed } from './turn-side.ts';
import { createTurnState, type TurnState } from './turn-state.ts';

/** A turn in this process: what is known of it, and where it writes. */
export interface ActiveTurn {
  readonly work: Work;
  readonly turn: TurnRow;
  readonly lease: Lease;
  readonly activation: Activation;
  readonly config: Snapshot;
  readonly journal: TurnJournal;
  readonly approvals: readonly Approval[];
  readonly preview: Preview | undefined;
  /** The message that carries the preview, once there is one. */
  readonly previewRef: () => MessageRef | undefined;
  readonly named: boolean;
  readonly startedAt: number;
  /** What model calls of this activation used that failed for good. */
  readonly lost: Lost[];
  /** Which of its model calls failed for good. */
  readonly failures: ModelFailure[];
  /** What its layers keep with it. */
  readonly state: TurnState;
  /** How they have run so far. */
  trace: () => Trace | undefined;
  /** Writes down how long a call took. */
  timed: (call: TimedCall) => void;
  /** Set when the session had expired: a sentence for people. */
  freshNote: string | undefined;
  /** The checkpoint before this turn's own. */
  head: string | undefined;
}

const nothing = { steps: [], approvals: [], images: new Map(), state: {} } as const;

/** Loads what earlier activations stored and opens the preview. */
export async function activate(
  parts: BotParts,
  work: Work,
  turn: TurnRow,
  lease: Lease,
): Promise<ActiveTurn> {
  const stored = turn.activations > 1 ? await parts.turns.load(turn.id) : nothing;
  const config = await parts.config(work.configVersion);
  const activation = activationOf(work, turn);
  let ref = turn.previewRef;
  const adapter = parts.adapters.get(work.platform);
  const preview = adapter?.preview?.({
    threadId: lease.threadId,
    turnId: turn.id,
    asker: turn.asker,
    ...(ref === undefined ? {} : { ref }),
    async remember(made) {
      await parts.turns.remember(lease, turn.id, made);
      ref = made;
    },
  });
  preview?.show({ type: 'started', activation });
  const named = !isPrivate(adapter, lease.threadId);
  const state = createTurnState(stored.state);
  return {
    work,
    turn,
    lease,
    activation,
    config,
    journal: createJournal({
      turns: parts.turns,
      lease,
      turnId: turn.id,
      asker: turn.asker.principal,
      named,
      steps: stored.steps,
      images: stored.images,
      state,
      seen: work.seen,
      news: work.othersWait || activation !== 'start',
    }),
    approvals: stored.approvals,
    preview,
    previewRef: () => ref,
    named,
    startedAt: performance.now(),
    lost: [],
    failures: [],
    state,
    trace: () => undefined,
    timed: () => undefined,
    freshNote: undefined,
    head: work.head,
  };
}

function isPrivate(adapter: ChatAdapter | undefined, threadId: ThreadId): boolean {
  const said = adapter?.isPrivate ?? false;
  return typeof said === 'function' ? said(threadId) : said;
}

function activationOf(work: Work, turn: TurnRow): Activation {
  if (work.attempts > 1) return 'take-over';
  if (work.type === 'resume') return 'resume';
  return turn.activations > 1 ? 'take-over' : 'start';
}

/** Runs the agent loop for a turn inside its middleware. Throws what the loop throws. */
export async function work(
  parts: BotParts,
  active: ActiveTurn,
  {
    onions,
    side,
    signal,
  }: { readonly onions: Onions; readonly side: TurnSide; readonly signal: AbortSignal },
): Promise<Outcome> {
  const tools = allowed(active.turn, await toolsFor(parts, active, onions.tools));
  const mind = await chooseMind(parts, active, tools);
  const brought = mind.isModel ? readable(active.turn, onions.tools) : [];
  const { known, specs, keepResult } = toolsetFor(parts, active, {
    tools: [...brought, ...tools],
    mind,
    searched: onions.searched,
  });
  const room = roomOf(mind.loaded, specs);
  const history = mind.isModel ? await loadHistory(parts, active, room) : [];
  const run: AgentRun = {
    system: instructions(active.config.prompt, {
      now: parts.clock.now(),
      timezone: active.config.settings.timezone,
      modelName: mind.name,
      tools: specs.map(({ name }) => name),
      manyPeople: active.named,
      servers: parts.serverInstructions(),
      task: investigating(active.turn),
    }),
    question: questionOf(active),
    history,
    tools: new Map(known.map((tool) => [tool.name, tool])),
    specs,
    model: mind.isModel
      ? mind.begin(onions.model(routed(side, noting(active, mind.name, mind.model))))
      : mind.model,
    modelName: mind.name,
    room,
    tool: onions.tool(
      dispatchWith(
        dispatchFor(parts, active, {
          words: () => askersWords(active, history),
          heard: () =>
            backgroundHeard({
              context: active.turn.context,
              files: active.turn.files,
              steps: active.journal.steps,
              history,
            }) ?? strangerHeard(known, { steps: active.journal.steps, history }),
        }),
      ),
    ),
    approved: (callId) =>
      active.approvals.some(
        (item) => item.callId === callId && item.state === 'approved' && item.need === undefined,
      ),
    edited: (callId) => editedCall(active.approvals, callId),
    journal: mind.isModel ? active.journal : unsteered(active.journal),
    listener: listenerOf(active),
    ended: endedOf(active),
    timed: active.timed,
    lost: (lost) => void active.lost.push(lost),
    turnId: active.turn.id,
    maxSteps: active.config.settings.agent_recursion_limit,
    maxRepeats: 3,
    keepResult,
    loadFiles: filesLoader(parts, active),
    signal,
    ...mind.parameters,
  };
  return outcomeOf(await runAgent(run));
}

interface Offered {
  readonly tools: readonly Tool[];
  readonly mind: Mind;
  readonly searched: SearchedTools | undefined;
}

function toolsetFor(
  parts: BotParts,
  { config, lease }: ActiveTurn,
  { tools, mind, searched }: Offered,
): Toolset {
  if (!mind.isModel) return commandTools(tools);
  return modelTools(tools, {
    config,
    threadId: lease.threadId,
    searched,
    roomFor: (specs) => roomOf(mind.loaded, specs),
    kept: parts.turns.kept,
  });
}

/** Only a model can be steered: what is said while a command runs gets a turn of its own. */
function unsteered(journal: Journal): Journal {
  return { ...journal, steer: async () => [] };
}

const awayMs = 15_000;
const lookAgainMs = 500;

/** All tools; a turn that goes on waits for the servers of its open calls, which may just be starting. */
async function toolsFor(
  parts: BotParts,
  { config, journal, lease }: ActiveTurn,
  brought: readonly Tool[],
): Promise<readonly Tool[]> {
  const own = new Set([...ownNames, ...brought.map(({ name }) => name)]);
  const wanted = openCalls(journal.steps)
    .map((open) => open.call.name)
    .filter((name) => !own.has(name));
  const until = performance.now() + awayMs;
  for (;;) {
    const tools = await parts.tools(config);
    const there = new Set([...tools, ...parts.withheld()].map(({ name }) => name));
    const isAway = wanted.some((name) => !there.has(name));
    if (!isAway || performance.now() > until) return tools;
    await sleep(lookAgainMs, undefined, { signal: lease.signal }).catch(() => lease.check());
  }
}

/** All steps of the turn with the answer's own at the end. */
export function allSteps(active: ActiveTurn, outcome: Outcome): readonly Step[] {
  return outcome.step === undefined ? active.journal.steps : [...active.journal.steps, outcome.step];
}
