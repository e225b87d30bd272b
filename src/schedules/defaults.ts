import type { NewSchedule } from './port.ts';

/** What the bot does by itself from the start. Who changes or deletes one of these is left alone. */
export const defaultSchedules: readonly NewSchedule[] = [
  {
    name: 'MCP Server Health Check',
    description: 'Asks all MCP servers whether they are well.',
    kind: 'health_check',
    cron: '*/5 * * * *',
    missedRuns: 'skip',
  },
  {
    name: 'Chat Session Cleanup',
    description: 'Forgets conversations that are over: their time, and 30 s.',
    kind: 'clean_up',
    cleanUp: 'sessions',
    cron: '*/5 * * * *',
    missedRuns: 'skip',
  },
  {
    name: 'Hourly Checkpoint Cleanup',
    description: 'Forgets what models remember beyond its retention, in the database and in Redis.',
    kind: 'clean_up',
    cleanUp: 'checkpoints',
    cron: '0 * * * *',
  },
  {
    name: 'Daily Record Cleanup',
    description: 'Removes transcripts, events, usage and audit rows beyond their retention.',
    kind: 'clean_up',
    cleanUp: 'records',
    cron: '40 3 * * *',
  },
  {
    name: 'Health Report',
    description: 'How everything stands, each morning in the ops channel.',
    kind: 'report',
    cron: '0 8 * * *',
    runsAtOnce: true,
  },
];
