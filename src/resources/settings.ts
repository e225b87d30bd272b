import { z } from 'zod';
import { isTimezone } from './timezone.ts';

/** What admins set for the whole bot; each has an effect, a default and a range. */
export const settingsSchema = z.object({
  chat_session_ttl_minutes: z
    .number()
    .int()
    .min(1)
    .max(43_200)
    .default(10_080)
    .describe('A conversation idle for longer starts afresh, in minutes.'),
  agent_request_timeout_seconds: z
    .number()
    .int()
    .min(10)
    .max(600)
    .default(120)
    .describe('How long one turn may work, waits for people not counted, in seconds.'),
  agent_recursion_limit: z
    .number()
    .int()
    .min(5)
    .max(100)
    .default(25)
    .describe('How many model calls one turn may make.'),
  tool_definition_budget_tokens: z
    .number()
    .int()
    .min(0)
    .max(200_000)
    .default(4000)
    .describe('Above this many tokens of tool definitions, models get a few tools and find the rest.'),
  timezone: z
    .string()
    .refine(isTimezone, { error: 'must be the name of a time zone, like Europe/Berlin or UTC' })
    .default('UTC')
    .describe('The time zone of dates that models are told, by its IANA name.'),
  checkpoint_retention_days: days(7, 1, 365).describe(
    'How long what the model remembers of a conversation is kept after its last message, in days.',
  ),
  event_retention_days: days(14, 2, 365).describe(
    'How long handled messages, sent replies and the keys that tell repetitions are kept, in days.',
  ),
  transcript_retention_days: days(180, 1, 3650).describe(
    'How long conversations can be read after they ended, with their steps, files and results, in days.',
  ),
  run_retention_days: days(90, 1, 3650).describe('How long runs of schedules are kept, in days.'),
  usage_retention_days: days(730, 31, 3650).describe('How long the usage of models is kept, in days.'),
  audit_retention_days: days(730, 30, 3650).describe(
    'How long the rows of the audit log are kept, in days; its seals stay for ever.',
  ),
  answer_sensitivity: z
    .string()
    .max(100)
    .default('')
    .describe('A label of the organisation, like Confidential, on every answer in Teams; empty: none.'),
  good_reactions: reactions('+1 thumbsup white_check_mark heavy_check_mark').describe(
    'Emoji by name that say that an answer was good, when people react to it with them; `none`: no emoji does.',
  ),
  bad_reactions: reactions('-1 thumbsdown x').describe('The same for answers that were bad.'),
});

/** A number of days. */
function days(initial: number, min: number, max: number) {
  return z.number().int().min(min).max(max).default(initial);
}

/** Names of emoji, separated by spaces. */
function reactions(initial: string) {
  const names = /^:?[\w+-]+:?( +:?[\w+-]+:?)*$/;
  return z
    .string()
    .regex(names, { error: 'must be names of emoji, separated by spaces, like +1 heart' })
    .default(initial);
}

/** Which emoji are feedback, by name and without colons. */
export function feedbackEmoji({ good_reactions: good, bad_reactions: bad }: Settings): {
  readonly good: ReadonlySet<string>;
  readonly bad: ReadonlySet<string>;
} {
  return { good: namesIn(good), bad: namesIn(bad) };
}

function namesIn(text: string): ReadonlySet<string> {
  return new Set(text === 'none' ? [] : text.split(/ +/).map((name) => name.replaceAll(':', '')));
}

export type Settings = z.infer<typeof settingsSchema>;
