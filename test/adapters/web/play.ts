import { setTimeout as sleep } from 'node:timers/promises';
import { endTurn, type FakeThread, type FakeTurn } from './fake-thread.ts';
import type { ScriptStep } from './script.ts';

/** What a step of a script works on. */
export interface Stage {
  readonly thread: FakeThread;
  readonly turn: FakeTurn;
  readonly newId: (kind: string) => string;
  /** Tells those who wait that stored state changed. */
  readonly touch: () => void;
  /** Resolves when held turns may go on. */
  readonly released: Promise<void>;
}

/** Plays one step: shows it live, stores it, and throws when the turn is stopped meanwhile. */
export async function play(stage: Stage, step: ScriptStep): Promise<void> {
  stage.turn.stop.signal.throwIfAborted();
  if ('say' in step) await say(stage, step);
  else if ('restart' in step) restart(stage, step.restart);
  else if ('tool' in step) await callTool(stage, step);
  else if ('ask' in step) ask(stage, step);
  else if ('hold' in step) await hold(stage);
  else endTurn(stage.thread, stage.turn, 'failed', { kind: 'error', text: step.fail, code: step.code });
  stage.touch();
}

async function say({ thread, turn }: Stage, step: Extract<ScriptStep, { say: string }>): Promise<void> {
  for (const text of step.say.match(/[\s\S]{1,7}/g) ?? []) {
    turn.preview?.show({ type: 'text', text });
    if (step.perChunkMs) await sleep(step.perChunkMs, undefined, { signal: turn.stop.signal });
  }
  thread.messages.push({ role: 'assistant', kind: 'answer', text: step.say, turnId: turn.id, at: now() });
}

function restart({ thread, turn }: Stage, reason: string): void {
  turn.preview?.show({ type: 'restart', reason });
  const at = thread.messages.findLastIndex(({ role, turnId }) => role === 'assistant' && turnId === turn.id);
  if (at >= 0) thread.messages.splice(at, 1);
}

async function callTool(stage: Stage, step: Extract<ScriptStep, { tool: string }>): Promise<void> {
  const { thread, turn } = stage;
  const { tool, result: summary, takesMs: durationMs = 1, fails = false } = step;
  const callId = stage.newId('call');
  const args = JSON.stringify(step.arguments, null, 2);
  const call = { role: 'tool', turnId: turn.id, at: now(), callId, tool, arguments: args } as const;
  const at = thread.messages.push({ ...call, status: 'running', text: '' }) - 1;
  turn.preview?.show({ type: 'tool_start', callId, tool, arguments: args });
  stage.touch();
  await sleep(durationMs, undefined, { signal: turn.stop.signal });
  thread.messages[at] = { ...call, status: fails ? 'error' : 'ok', text: summary, durationMs };
  turn.preview?.show({ type: 'tool_end', callId, tool, ok: !fails, durationMs, summary });
}

function ask({ thread, turn, newId }: Stage, step: Extract<ScriptStep, { ask: string }>): void {
  turn.approvals.push({
    id: newId('approval'),
    tool: step.ask,
    effect: step.effect ?? 'write',
    arguments: JSON.stringify(step.arguments, null, 2),
    ...(step.note !== undefined && { note: step.note }),
    askedBy: turn.asker.name,
    state: 'pending',
    expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
  });
  turn.status = 'waiting';
  const approvals = turn.approvals.slice(-1);
  const text = `May I run ${step.ask}?`;
  turn.reply = { kind: 'approval', text, turnId: turn.id, approvals };
  thread.messages.push({ role: 'assistant', kind: 'approval', text, turnId: turn.id, at: now(), approvals });
}

async function hold({ turn, released }: Stage): Promise<void> {
  const { signal } = turn.stop;
  const stopped = new Promise<void>((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  );
  await Promise.race([released, stopped]);
  signal.throwIfAborted();
}

const now = () => new Date().toISOString();
