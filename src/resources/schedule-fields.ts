import { z } from 'zod';
import { cleanUps, scheduleKinds, watchables } from '../schedules/port.ts';
import type { Field } from './definition.ts';
import { choice, flag, integer, paragraph, place, structured, text, time, written } from './field.ts';
import { ownerFields } from './owned.ts';
import { isTimezone } from './timezone.ts';

/** What people call each kind. */
export const kindLabels = {
  health_check: 'Check MCP servers',
  clean_up: 'Clean up',
  report: 'Health report',
  monitor: 'Monitor',
  prompt: 'Ask the model',
} as const;

const cleanUpLabels = {
  sessions: 'Conversations that are over',
  checkpoints: 'Old checkpoints',
  records: 'Old transcripts, events, usage and audit',
} as const;

const watchLabels = {
  question: 'A question that the model answers',
  servers: 'MCP servers',
  model: 'The model: whether it is reachable, and failed calls',
  queue: 'The bot: its queue and replies that could not be delivered',
  host: 'This machine: memory, disk and load',
  budget: 'Budgets of the model in use',
} as const;

const ofKind = (...kinds: readonly (typeof scheduleKinds)[number][]) => ({ field: 'kind', in: kinds });

const zone = z
  .string({ error: 'Write a text.' })
  .max(64)
  .refine(isTimezone, { error: 'Must be the name of a time zone, like Europe/Berlin or UTC.' });

/** The questions of a report; each with its parts in the order in which people write them. */
export const checks = z
  .array(
    z.strictObject({
      question: z.string().trim().min(1).max(2000).meta({
        title: 'Question',
        description: 'What the model finds out with tools that only read, as in: are all certificates valid?',
      }),
      rule: z.string().trim().max(1000).optional().meta({
        title: 'Rule',
        description:
          'When it is a warning and when it is critical, as in: warning below 30 days, critical below 7. Empty: critical when it does not hold, warning when it holds in part.',
      }),
      seconds: z.int().min(10).max(600).optional().meta({
        title: 'Time limit in seconds',
        description: 'An answer that takes longer is none. Empty: 120.',
      }),
    }),
    { error: 'Must be a list of objects with question, rule and seconds.' },
  )
  .max(20, { error: 'At most 20 checks.' })
  .refine((all) => new Set(all.map(({ question }) => question)).size === all.length, {
    error: 'Ask each question once.',
  });

/** People of platforms that can be notified. */
const mention = z
  .array(
    z.string().regex(/^(?:slack:[^\s:]+:[^\s:]+|teams:[^\s:]+:[^\s:]+|web:\S+)$/, {
      error:
        'Write principals of people, such as slack:<team id>:<user id>, teams:<tenant id>:<object id> or web:<id>.',
    }),
    { error: 'Must be a list of texts.' },
  )
  .max(10, { error: 'At most 10 people.' });

/** What there is to say of a schedule. */
export const scheduleFields: Readonly<Record<string, Field>> = {
  name: text({ label: 'Name', help: 'What it is called.', max: 100 }),
  kind: choice({
    label: 'Kind',
    help: 'What is done.',
    choices: scheduleKinds.map((value) => ({ value, label: kindLabels[value] })),
  }),
  cron: text({
    label: 'When',
    help: 'A cron expression: minute hour day month weekday, as in 0 8 * * mon-fri; seconds may stand in front. As in a crontab, a day of the month and a weekday together mean either of the two: 0 9 13 * fri is each 13th and each Friday.',
    max: 100,
    placeholder: '*/5 * * * *',
  }),
  timezone: written({
    label: 'Time zone',
    help: 'By whose clocks, as an IANA name. A fixed hour happens once a day, also when clocks are changed.',
    initial: 'UTC',
    schema: zone,
    placeholder: 'Europe/Berlin',
    suggests: 'timezones',
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
    help: 'Questions that the model answers with tools, each with its own rule.',
    initial: [],
    schema: checks,
    shownWhen: ofKind('report'),
  }),
  watches: choice({
    label: 'What to watch',
    help: 'It says a word only when the verdict changes.',
    initial: '',
    choices: [
      { value: '', label: '—' },
      ...watchables.map((value) => ({ value, label: watchLabels[value] })),
    ],
    shownWhen: ofKind('monitor'),
  }),
  question: paragraph({
    label: 'Question',
    help: 'What the model finds out with tools that only read, as in: are all pods of the shop ready?',
    initial: '',
    max: 2000,
    shownWhen: { field: 'watches', in: ['question'] },
  }),
  rule: text({
    label: 'Rule',
    help: 'When it is a warning and when it is critical. Empty: critical when it does not hold, warning when it holds in part.',
    initial: '',
    max: 1000,
    shownWhen: { field: 'watches', in: ['question'] },
  }),
  seconds: integer({
    label: 'Time limit',
    help: 'An answer that takes longer is none.',
    initial: 120,
    min: 10,
    max: 600,
    unit: 's',
    shownWhen: { field: 'watches', in: ['question'] },
  }),
  confirmations: integer({
    label: 'Confirmations',
    help: 'A verdict counts after so many equal ones in a row.',
    initial: 2,
    min: 1,
    max: 10,
    shownWhen: ofKind('monitor'),
  }),
  flap_changes: integer({
    label: 'Flaps above',
    help: 'More changes than this within the window are told once, as flapping.',
    initial: 4,
    min: 2,
    max: 50,
    shownWhen: ofKind('monitor'),
  }),
  flap_minutes: integer({
    label: 'Window of flapping',
    help: 'What flaps is told of again when it has been stable for so long.',
    initial: 60,
    min: 5,
    max: 1440,
    unit: 'min',
    shownWhen: ofKind('monitor'),
  }),
  mention: structured({
    label: 'Mention',
    help: 'Who is told when something turns bad: people by mention, name or e-mail, or as principals: slack:<team id>:<user id>. Empty: the owner.',
    initial: [],
    schema: mention,
    widget: { type: 'texts', arePeople: true },
    shownWhen: ofKind('report', 'monitor'),
  }),
  target: place({
    label: 'Where to',
    help: 'A channel by mention or #name, the address of one or of a thread (web:ops, slack:<team id>:<channel id>), or your own principal for your direct messages. Empty: the ops channel. none: a prompt’s answer is kept in the history alone.',
    initial: '',
    placeholder: 'web:ops',
    shownWhen: ofKind('report', 'monitor', 'prompt'),
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
  ...ownerFields,
  last_run: time({ label: 'Last run', help: 'When it last ran.', initial: null, isReadOnly: true }),
  last_outcome: text({ label: 'Last outcome', help: 'How that ended.', initial: '', isReadOnly: true }),
  origin: text({ label: 'Origin', help: 'Who made it.', initial: 'admin', isReadOnly: true }),
};
