import { z } from 'zod';

/** Answers of actions, for the API's description. */
export const doneSchema = z.object({ success: z.boolean(), message: z.string() });

export const modelTestSchema = z.object({
  ok: z.boolean(),
  latency_ms: z.number(),
  tokens: z.number().optional(),
  text: z.string().optional(),
  kind: z.string().optional().describe('The class of the error.'),
  detail: z.string().optional().describe('What is wrong, and what to do.'),
});

export const serverCheckSchema = z.object({
  success: z.boolean(),
  message: z.string(),
  details: z.string(),
  url: z.string(),
  status: z.string().describe('What is stored now.'),
  latency_ms: z.number(),
});

const pinFields = {
  hash: z.string().describe('SHA-256 of the definition.'),
  state: z
    .enum(['accepted', 'new', 'changed', 'revoked'])
    .describe('Only what is accepted reaches models; new and changed wait for it.'),
  first_seen: z.string().nullable().describe('When this definition was seen first.'),
  decided_by: z.string().describe('Who accepted or took back last; system:lab accepts by itself.'),
  decided_at: z.string().nullable(),
};

export const serverToolsSchema = z.object({
  count: z.number(),
  waiting: z.number().describe('How many definitions wait to be accepted.'),
  tools: z.array(
    z.object({
      name: z.string(),
      full_name: z.string(),
      description: z.string(),
      hints: z.record(z.string(), z.boolean()).optional().describe('What its server says of it.'),
      effect: z.enum(['read', 'write', 'destructive']),
      is_offered: z.boolean(),
      asks: z.boolean(),
      override: z.record(z.string(), z.unknown()).optional().describe('What admins decided.'),
      ...pinFields,
      definition: z.record(z.string(), z.unknown()).describe('What the server says of it, unchanged.'),
      accepted: z
        .record(z.string(), z.unknown())
        .optional()
        .describe('What was accepted before, where that is something else.'),
      changes: z.array(
        z.object({ part: z.string(), before: z.string().optional(), after: z.string().optional() }),
      ),
    }),
  ),
  instructions: z
    .object({
      text: z.string(),
      ...pinFields,
      is_used: z.boolean().describe('Whether it is in the system prompt.'),
      accepted: z.string().optional(),
    })
    .optional(),
});

export const toolsDecidedSchema = z.object({
  success: z.boolean(),
  message: z.string(),
  tools: z.array(z.string()).describe('Which were decided about.'),
  waiting: z.number().describe('How many still wait.'),
});

export const layersSchema = z.object({
  layers: z.array(
    z.object({
      priority: z.number(),
      middleware: z.string(),
      origin: z.enum(['default', 'own']).describe('own: it is a row of llm-middleware.'),
      is_active: z.boolean(),
      config: z.json(),
      problem: z
        .string()
        .describe('What keeps it from running, or was odd about it when it was saved; empty: nothing.'),
    }),
  ),
});

export const configSchemaSchema = z.object({ middleware_type: z.string(), config_schema: z.json() });

export const defaultConfigSchema = z.object({ middleware_type: z.string(), default_config: z.json() });

export const promptPreviewSchema = z.object({ text: z.string() });

export const runStartedSchema = doneSchema.extend({ run_id: z.string().optional() });

export const runsSchema = z.object({
  count: z.number(),
  runs: z.array(
    z.object({
      due: z.string().describe('The time that it is the run of.'),
      outcome: z.enum(['running', 'waiting', 'done', 'failed', 'skipped']),
      trigger: z.enum(['time', 'missed', 'manual']),
      duration_ms: z.number().nullable(),
      cost_usd: z.number().nullable().describe('Of its model calls; null where there was none.'),
      thread_id: z.string().nullable().describe('Where it is told of, or waits for people.'),
      approval_id: z
        .string()
        .nullable()
        .describe('What the run before waits for, which this one was skipped for.'),
      summary: z.string().describe('What came of it, or what went wrong.'),
      checks: z
        .array(
          z.object({
            question: z.string(),
            rule: z.string(),
            verdict: z.enum(['ok', 'warning', 'critical', 'unknown']),
            why: z.string().nullable().describe('Why there is no verdict.'),
            evidence: z.string().describe('What the model said that it saw.'),
            tools: z.array(
              z.object({ tool: z.string(), arguments: z.string().describe('JSON.'), ok: z.boolean() }),
            ),
          }),
        )
        .optional()
        .describe('What each of its questions came to, and what that rests on. Absent where none was asked.'),
      id: z.string(),
    }),
  ),
});

export const alertTestSchema = doneSchema;

export const alertsSchema = z.object({
  count: z.number(),
  groups: z.array(
    z.object({
      title: z.string(),
      state: z.enum(['firing', 'resolved']),
      severity: z.string(),
      firing: z.number().describe('Alerts of it that fire.'),
      resolved: z.number(),
      opened_at: z.string(),
      last_at: z.string(),
      resolved_at: z.string().nullable(),
      thread_id: z.string().nullable().describe('Where it is told of; null until that is there.'),
      is_in_storm: z.boolean().describe('It shares a thread with many.'),
    }),
  ),
});
