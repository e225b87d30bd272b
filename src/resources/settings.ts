import { z } from 'zod';

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
});

export type Settings = z.infer<typeof settingsSchema>;
