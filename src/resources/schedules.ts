import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { FieldErrors } from '../chat/form.ts';
import { cleanUps, type RunView, scheduleKinds } from '../schedules/port.ts';
import type { ActionContext, Prepared, Resource, Row, RuleContext, Values } from './definition.ts';
import { choice, flag, integer, paragraph, structured, text, time, written } from './field.ts';
import { runStartedSchema, runsSchema } from './outputs.ts';
import type { World } from './world.ts';

const labels = {
  health_check: 'Check MCP servers',
  clean_up: 'Clean up',
  report: 'Health report',
  prompt: 'Ask the model',
} as const;

const cleanUpLabels = {
  sessions: 'Conversations that are over',
  checkpoints: 'Old checkpoints',
  records: 'Old transcripts, events, usage and audit',
} as const;

const ofKind = (...kinds: readonly (typeof scheduleKinds)[number][]) => ({ field: 'kind', in: kinds });

const zone = z
  .string({ error: 'Write a text.' })
  .max(64)
  .refine(isTimezone, { error: 'Must be the name of a time zone, like Europe/Berlin or UTC.' });

const checks = z
  .array(
    z.strictObject({
      question: z.string().trim().min(1).max(2000),
      rule: z.string().trim().max(1000).optional(),
      seconds: z.int().min(10).max(600).optional(),
    }),
    { error: 'Must be a list of objects with question, rule and seconds.' },
  )
  .max(20, { error: 'At most 20 checks.' });

/** What the bot does by itself at set times. */
export const schedules: Resource = {
  path: 'schedules',
  table: 'schedules',
  suffix: 'schedule',
  word: 'schedules',
  one: 'schedule',
  many: 'Schedules',
  help: 'What the bot does by itself at set times. Each time happens once, however many replicas there are.',
  fields: {
    name: text({ label: 'Name', help: 'What it is called.', max: 100 }),
    kind: choice({
      label: 'Kind',
      help: 'What is done.',
      choices: scheduleKinds.map((value) => ({ value, label: labels[value] })),
    }),
    cron: text({
      label: 'When',
      help: 'A cron expression: minute hour day month weekday, as in 0 8 * * mon-fri; seconds may stand in front.',
      max: 100,
      placeholder: '*/5 * * * *',
    }),
    timezone: written({
      label: 'Time zone',
      help: 'By whose clocks, as an IANA name. A fixed hour happens once a day, also when clocks are changed.',
      initial: 'UTC',
      schema: zone,
      placeholder: 'Europe/Berlin',
    }),
    clean_up: choice({
      label: 'What to clean up',
      help: 'How long things are kept is among the settings.',
      initial: '',
      choices: [
        { value: '', label: '—' },
        ...cleanUps.map((value) => ({ value, label: cleanUpLabels[value] })),
      ],
      shownWhen: ofKind('clean_up'),
    }),
    prompt: paragraph({
      label: 'Prompt',
      help: 'What the model is asked, as its owner would ask it. Tools that do more than read wait for an approval.',
      initial: '',
      max: 20_000,
      shownWhen: ofKind('prompt'),
    }),
    checks: structured({
      label: 'Checks',
      help: 'Questions that the model answers with tools, each with its own rule: [{"question": "…", "rule": "warning below 30 days, critical below 7", "seconds": 120}].',
      initial: [],
      schema: checks,
      shownWhen: ofKind('report'),
    }),
    target: text({
      label: 'Where to',
      help: 'A channel or thread: web:ops, slack:<team id>:<channel id>, or the id of a thread. Empty: the ops channel.',
      initial: '',
      max: 500,
      placeholder: 'web:ops',
      shownWhen: ofKind('report', 'prompt'),
    }),
    is_enabled: flag({ label: 'Enabled', help: 'Off: it is never due.', initial: true }),
    missed_runs: choice({
      label: 'Missed runs',
      help: 'What happens when the bot was not there at the time.',
      initial: 'run_once',
      choices: [
        { value: 'run_once', label: 'Run once, late' },
        { value: 'skip', label: 'Leave out' },
      ],
    }),
    jitter_seconds: integer({
      label: 'Spread',
      help: 'Each run comes up to so much later, by chance.',
      initial: 0,
      min: 0,
      max: 3600,
      unit: 's',
    }),
    description: paragraph({ label: 'Description', help: 'What it is for.', initial: '', max: 500 }),
    owner: text({
      label: 'Owner',
      help: 'Whoever said last what it does: the model acts with their permissions.',
      initial: 'bot',
      isReadOnly: true,
    }),
    owner_name: text({
      label: 'Owner’s name',
      help: 'As people know them.',
      initial: '',
      isReadOnly: true,
      isHidden: true,
    }),
    last_run: time({ label: 'Last run', help: 'When it last ran.', initial: null, isReadOnly: true }),
    last_outcome: text({ label: 'Last outcome', help: 'How that ended.', initial: '', isReadOnly: true }),
    origin: text({ label: 'Origin', help: 'Who made it.', initial: 'admin', isReadOnly: true }),
  },
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
  show: nextRuns,
  check: checkSchedule,
  prepare: withOwner,
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

const shownRuns = 5;

/** When it is due next, by its own clocks. */
function nextRuns(row: Row, world: World): Readonly<Record<string, unknown>> {
  if (row.is_enabled !== true) return { next_run: null, next_runs: [] };
  const timezone = String(row.timezone);
  const times = world.schedules.next(String(row.cron), timezone, shownRuns);
  return {
    next_run: times[0]?.toISOString() ?? null,
    next_runs: times.map((time) => timeWords(time, timezone)),
  };
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
  const isNewTarget = target !== '' && target !== before?.target;
  const place = isNewTarget ? world.schedules.targetProblem(String(target), by.author.principal) : undefined;
  return {
    ...(cron === undefined ? {} : { cron: [cron] }),
    ...(place === undefined ? {} : { target: [place] }),
    ...(kind === 'prompt' && String(values.prompt).trim() === '' ? { prompt: ['Write what to ask.'] } : {}),
    ...(kind === 'clean_up' && values.clean_up === '' ? { clean_up: ['Say what to clean up.'] } : {}),
  };
}

/** What decides about what the model is asked to do, and in whose name. */
const deeds = ['kind', 'prompt', 'checks', 'target'];

/** Nobody makes another person's schedule do something else with that person's permissions. */
function withOwner({ values, before, by }: RuleContext): Prepared {
  const isSame = before !== undefined && deeds.every((name) => isDeepStrictEqual(values[name], before[name]));
  if (isSame) return { values: {} };
  const { principal, name } = by.author;
  const origin: Values = before === undefined && by.source === 'bootstrap' ? { origin: 'bootstrap' } : {};
  return { values: { owner: principal, owner_name: name, ...origin } };
}

async function runNow({ row, world, by }: ActionContext): Promise<unknown> {
  const runId = await world.schedules.run(row.id, by.author);
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
    summary: run.error === '' ? summaryWords(run.summary, missed) : run.error,
    id: run.id,
  };
}

/** Names and values of what is plain. */
function summaryWords(summary: RunView['summary'], missed: number): string {
  const facts = Object.entries(summary)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .filter(([name, value]) => name !== 'success' && typeof value !== 'object')
    .map(([name, value]) => `${name.replaceAll('_', ' ')} ${String(value)}`);
  return [...facts, ...(missed > 0 ? [`missed before ${missed}`] : [])].join(', ');
}

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return /^[A-Za-z]/.test(name);
  } catch {
    return false;
  }
}
