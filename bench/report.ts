import type { Acknowledged } from './acknowledge.ts';
import { type Goal, goalsOf } from './goals.ts';
import type { Layer, LayerCost } from './layer.ts';
import type { Compared, Row } from './matrix.ts';
import type { ChainCost, Chains } from './middleware.ts';
import type { InSlack } from './slack.ts';
import type { Start } from './start.ts';
import type { Storage } from './storage.ts';
import { table } from './table.ts';
import type { Tools } from './tools.ts';
import type { Versions } from './versions.ts';

/** All that a run has found. */
export interface Report {
  readonly versions: Versions;
  readonly rounds: number;
  readonly rows: readonly Row[];
  readonly storage: readonly Storage[];
  readonly acknowledge: Acknowledged;
  readonly slack: InSlack;
  readonly tools: Tools;
  readonly layer: Layer;
  readonly chains: Chains;
  readonly start: Start;
}

/** The report with its goals as one JSON object. */
export function toJson(report: Report): string {
  return JSON.stringify({ ...report, goals: goalsOf(report) });
}

/** The report for people. */
export function toText(report: Report): string {
  const { rows, storage, acknowledge, slack, tools, layer, chains, start, rounds } = report;
  return [
    heading(report.versions),
    `One turn with one tool call: bot against floor, medians of ${rounds} round${rounds === 1 ? '' : 's'}, ratios with their range.`,
    table(
      ['threads', 'messages', 'think', 'p50 ms', 'ratio', 'CPU ms', 'ratio', 'turns/s', 'own ms'],
      rows.map(cellsOf),
    ),
    'What one turn writes (one thread, medians of single turns).',
    table(
      ['', 'messages', 'commits', 'bytes of WAL'],
      storage.map(({ subject, history, commits, bytes }) => [
        subject,
        `${history}`,
        `${commits}`,
        `${bytes}`,
      ]),
    ),
    `Acknowledge over the chat API ${acknowledgedLine(acknowledge)}`,
    `Acknowledge an event of Slack ${acknowledgedLine(slack.acknowledge)} Idle with Slack: ${megabytes(slack.idleBytes)} resident.`,
    `${tools.count} tools: a turn that uses one of them sends ${tools.tokens} tokens of definitions over its ${tools.modelCalls} model calls; sending all would be ${tools.allTokens} (${(tools.allTokens / tools.tokens).toFixed(1)} times).`,
    `One streamed model call, bare SDK → provider layer (${layer.calls} each): CPU ${layerCells(layer.cpu)}, wall ${layerCells(layer.wall)}.`,
    `Middleware, per turn of two model calls and a tool call over the bare loop's ${chains.emptyMs.toFixed(2)} ms (${chains.turns} turns each): the default chain adds ${chainCells(chains.byDefault)}, ten layers ${chainCells(chains.ten)}.`,
    `Start on an existing database: ready after ${start.readyMs.median.toFixed(0)} ms (${start.readyMs.min.toFixed(0)} to ${start.readyMs.max.toFixed(0)}). Idle: ${megabytes(start.idleBytes)} resident.`,
    'Goals',
    table(['goal', 'value', 'at most', ''], goalsOf(report).map(goalCells)),
    '',
  ].join('\n\n');
}

function acknowledgedLine({ running, samples, p50Ms, p99Ms, maxMs }: Acknowledged): string {
  return `while ${running} turns run: p50 ${fixed(p50Ms)} ms, p99 ${fixed(p99Ms)} ms, longest ${fixed(maxMs)} ms of ${samples} messages.`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(0)} MB`;
}

function heading({
  commit,
  node,
  packages,
  postgresql,
  durability,
  processor,
  processors,
}: Versions): string {
  const settings = Object.entries(durability).map(([name, value]) => `${name} ${value}`);
  return [
    `AI Ops Bot ${commit ?? '(no commit)'}, Node ${node}, PostgreSQL ${postgresql} (${settings.join(', ')})`,
    Object.entries(packages)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
    `${processors} × ${processor}, shared by the bot, PostgreSQL, both servers and the asker`,
  ].join('\n');
}

function cellsOf({ cell, p50, cpu, turnsPerSecond, overheadMs }: Row): readonly string[] {
  return [
    `${cell.threads}`,
    `${cell.history}`,
    `${cell.thinkMs} ms`,
    both(p50, 1),
    ratio(p50),
    both(cpu, 2),
    ratio(cpu),
    both(turnsPerSecond, 0),
    fixed(overheadMs),
  ];
}

function goalCells({ name, value, atMost, met }: Goal): readonly string[] {
  return [name, value.toFixed(value < 10 ? 2 : 0), `${atMost}`, met ? 'met' : 'MISSED'];
}

function both({ floor, bot }: Compared, digits: number): string {
  return `${floor.toFixed(digits)} → ${bot.toFixed(digits)}`;
}

function ratio({ ratio: { median, min, max } }: Compared): string {
  return `${median.toFixed(2)} (${min.toFixed(2)}–${max.toFixed(2)})`;
}

function layerCells({ sdk, layer, ratio: { median, min, max } }: LayerCost): string {
  return `${sdk.toFixed(2)} → ${layer.toFixed(2)} ms, ratio ${median.toFixed(2)} (${min.toFixed(2)}–${max.toFixed(2)})`;
}

function chainCells({ cpu, wall }: ChainCost): string {
  return `${wall.median.toFixed(3)} ms (${wall.min.toFixed(3)}–${wall.max.toFixed(3)}; CPU ${cpu.median.toFixed(3)})`;
}

function fixed(ms: number): string {
  return ms.toFixed(1);
}
