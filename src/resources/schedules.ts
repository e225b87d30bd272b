import type { FieldErrors } from '../chat/form.ts';
import { nobody, type RunView, type SeenCheck, scheduleKinds } from '../schedules/port.ts';
import type { ActionContext, Resource, Row, RuleContext } from './definition.ts';
import { runStartedSchema, runsSchema } from './outputs.ts';
import { ownedBy } from './owned.ts';
import { checks, kindLabels, scheduleFields } from './schedule-fields.ts';
import type { World } from './world.ts';

/** What the bot does by itself at set times. */
export const schedules: Resource = {
  path: 'schedules',
  table: 'schedules',
  suffix: 'schedule',
  word: 'schedules',
  one: 'schedule',
  many: 'Schedules',
  help: 'What the bot does by itself at set times. Each time happens once, however many replicas there are.',
  fields: scheduleFields,
  nameField: 'name',
  columns: ['name', 'kind', 'cron', 'next_run', 'last_outcome', 'is_enabled'],
  search: ['name', 'description'],
  order: ['name'],
  changes: ['create', 'change', 'delete'],
  example: {
    name: 'Weekday report',
    kind: 'report',
    cron: '0 8 * * mon-fri',
    timezone: 'Europe/Berlin',
    target: 'web:ops',
    checks: [{ question: 'Are all certificates valid?', rule: 'warning below 30 days, critical below 7' }],
  },
  show: shown,
  brief: (row, world) => ({
    Kind: kindWords(row.kind),
    When: `${row.cron}${row.timezone === 'UTC' ? '' : ` (${row.timezone})`}`,
    'Next runs': row.is_enabled === true ? timesWords(row, world, briefRuns).join('; ') : 'disabled',
    'Last outcome': row.last_outcome,
  }),
  icon: ({ is_enabled, last_outcome }) =>
    is_enabled === true ? (icons.get(String(last_outcome)) ?? '🟢') : '⚪',
  follows: firstRun,
  check: checkSchedule,
  prepare: ownedBy(['kind', 'prompt', 'checks', 'watches', 'question', 'rule', 'target']),
  actions: {
    'run-now': {
      label: 'Run now',
      help: 'Runs it once, whatever its times are.',
      method: 'POST',
      needs: 'change',
      output: runStartedSchema,
      example: { success: true, message: 'It runs. Its history tells how it ends.', run_id: '' },
      run: runNow,
    },
    runs: {
      label: 'History',
      help: 'Its last runs, the newest first: how each ended, how long it took and what it cost.',
      method: 'GET',
      needs: 'view',
      output: runsSchema,
      example: { count: 0, runs: [] },
      run: listRuns,
    },
  },
};

const [shownRuns, briefRuns] = [5, 2];

function kindWords(kind: unknown): unknown {
  return scheduleKinds.flatMap((known) => (known === kind ? [kindLabels[known]] : []))[0] ?? kind;
}

function shown(row: Row, world: World): Readonly<Record<string, unknown>> {
  return { ...inOrder(row), ...nextRuns(row, world) };
}

/** Databases keep the parts of an object in an order of their own. */
function inOrder(row: Row): Readonly<Record<string, unknown>> {
  const read = checks.safeParse(row.checks);
  return read.success ? { checks: read.data } : {};
}

/** When it is due next, by its own clocks. */
function nextRuns(row: Row, world: World): Readonly<Record<string, unknown>> {
  if (row.is_enabled !== true) return { next_run: null, next_runs: [] };
  const [next] = world.schedules.next(String(row.cron), String(row.timezone), 1);
  return { next_run: next?.toISOString() ?? null, next_runs: timesWords(row, world, shownRuns) };
}

/** How its last run ended; one that never ran, or ended well, is well. */
const icons: ReadonlyMap<string, string> = new Map([
  ['failed', '🔴'],
  ['skipped', '🟡'],
  ['waiting', '🟡'],
]);

const decisive = ['cron', 'timezone', 'is_enabled'];

/** When it runs next, where that is new. */
function firstRun(row: Row, before: Row | undefined, world: World): string | undefined {
  const isOther = before === undefined || decisive.some((name) => row[name] !== before[name]);
  if (row.is_enabled !== true || !isOther) return undefined;
  const [next] = timesWords(row, world, 1);
  if (next === undefined) return 'Its times are all over: it never runs by itself.';
  return before === undefined ? `It runs first on ${next}.` : `It runs next on ${next}.`;
}

function timesWords(row: Row, world: World, count: number): readonly string[] {
  const timezone = String(row.timezone);
  return world.schedules.next(String(row.cron), timezone, count).map((time) => timeWords(time, timezone));
}

function timeWords(time: Date, timeZone: string): string {
  const format = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone, weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' },
    ...{ hour: '2-digit', minute: '2-digit', second: '2-digit', timeZoneName: 'short' },
  });
  return format.format(time).replace(/(\d\d:\d\d):00/, '$1');
}

function checkSchedule({ values, before, world, by }: RuleContext): FieldErrors {
  const { kind, target } = values;
  const cron = world.schedules.cronProblem(String(values.cron));
  const isUnseen = target === nobody;
  const isNewTarget = target !== '' && !isUnseen && target !== before?.target;
  const place = isNewTarget ? world.schedules.targetProblem(String(target), by.author.principal) : undefined;
  const isWatching = kind === 'monitor' && values.watches === 'question';
  return {
    ...(cron === undefined ? {} : { cron: [cron] }),
    ...(place === undefined ? {} : { target: [place] }),
    ...(isUnseen && kind !== 'prompt' ? { target: [unseen] } : {}),
    ...(kind === 'monitor' && values.watches === '' ? { watches: ['Say what to watch.'] } : {}),
    ...(isWatching && String(values.question).trim() === '' ? { question: ['Write what to find out.'] } : {}),
    ...(kind === 'prompt' && String(values.prompt).trim() === '' ? { prompt: ['Write what to ask.'] } : {}),
    ...(kind === 'clean_up' && values.clean_up === '' ? { clean_up: ['Say what to clean up.'] } : {}),
  };
}

const unseen =
  'What nobody sees tells nobody: only a prompt may have the target none. Name a channel or a thread.';

async function runNow({ row, world, by }: ActionContext): Promise<unknown> {
  const { author, source, address } = by;
  const wisher = { author, source, ...(address === undefined ? {} : { address }) };
  const runId = await world.schedules.run(row.id, wisher);
  return runId === undefined
    ? { success: false, message: 'A run of it is still under way.' }
    : { success: true, message: 'It runs. Its history tells how it ends.', run_id: runId };
}

const historyRuns = 50;

async function listRuns({ row, world }: ActionContext): Promise<unknown> {
  const runs = await world.schedules.history(row.id, historyRuns);
  return { count: runs.length, runs: runs.map(runJson) };
}

function runJson(run: RunView) {
  const { startedAt, endedAt, missed } = run;
  return {
    due: run.fireAt,
    outcome: run.state,
    trigger: run.trigger,
    duration_ms: endedAt === undefined ? null : Date.parse(endedAt) - Date.parse(startedAt),
    cost_usd: run.costUsd,
    thread_id: run.threadId ?? null,
    approval_id: typeof run.summary.approval_id === 'string' ? run.summary.approval_id : null,
    summary: run.error === '' ? summaryWords(run.summary, missed) : run.error,
    ...(run.checks === undefined ? {} : { checks: run.checks.map(checkJson) }),
    id: run.id,
  };
}

function checkJson({ question, rule, verdict, why, said, calls }: SeenCheck) {
  return { question, rule, verdict, why: why ?? null, evidence: said, tools: calls };
}

/** Names and values of what is plain. */
function summaryWords(summary: RunView['summary'], missed: number): string {
  const facts = Object.entries(summary)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .filter(([name, value]) => name !== 'success' && typeof value !== 'object')
    .map(([name, value]) => `${name.replaceAll('_', ' ')} ${String(value)}`);
  return [...facts, ...(missed > 0 ? [`missed before ${missed}`] : [])].join(', ');
}
