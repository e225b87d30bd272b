import { z } from 'zod';
import { type Ask, type AskDecision, askDecisions } from '../agent/middleware.ts';
import { schemaProblem } from '../agent/schema-check.ts';
import { defineMiddleware, type Layer, type MiddlewareType } from './definition.ts';
import { options, refused } from './options.ts';
import { isMeant } from './tool-again.ts';

const decisions = ['approve', 'edit', 'reject', 'respond'] as const;

const rule = options({
  allowed_decisions: z
    .array(z.enum(decisions, 'There are approve, edit, reject and respond.'))
    .min(1, 'Write at least one decision: nobody could answer the question.')
    .default([...decisions])
    .describe(
      'What people may say: approve, edit (approve with other arguments), reject, respond (their words are the result).',
    ),
  description: z
    .string()
    .min(1)
    .max(500)
    .optional()
    .describe('What people read on the card, in place of the prefix.'),
  args_schema: z
    .record(z.string(), z.json(), 'Write the JSON Schema of an object.')
    .optional()
    .describe(
      'JSON Schema that edited arguments must fit besides the tool’s own; their form is drawn from it.',
    ),
  when: refused('Functions cannot be written in JSON; name the tools.'),
});

const config = options({
  interrupt_on: z
    .record(z.string().min(1), z.union([z.boolean(), rule]))
    .default({})
    .describe(
      'By tool, * for any characters: true or options ask people each time; false leaves a tool to policy.',
    ),
  description_prefix: z
    .string()
    .min(1)
    .max(500)
    .default('Tool execution requires approval')
    .describe('What people read on the card.'),
});

type Config = z.infer<typeof config>;

const built = defineMiddleware({
  name: 'HumanInTheLoopMiddleware',
  description: 'Has people asked before certain tools run.',
  priority: 12,
  config,
  build,
});

/**
 * Has people asked before tools run that policy would let run by themselves, and may narrow what they can say.
 * It only adds: what policy asks is asked all the same, with the same one approval for each call. Each call of
 * several is decided on its own. An `args_schema` that checks nothing is not saved; where one is stored all the
 * same, people are asked, and cannot edit.
 */
export const humanInTheLoop: MiddlewareType = {
  ...built,
  config: config.superRefine(({ interrupt_on: rules }, { addIssue }) => {
    for (const [tool, rule] of Object.entries(rules)) {
      const schema = typeof rule === 'boolean' ? undefined : rule.args_schema;
      const message = schema === undefined ? undefined : schemaProblem(schema);
      if (message !== undefined)
        addIssue({ code: 'custom', message, path: ['interrupt_on', tool, 'args_schema'] });
    }
  }),
};

function build(config: Config): Layer {
  if (Object.values(config.interrupt_on).every((asks) => asks === false)) return {};
  return {
    async tool(input, next, signal) {
      const rule = ruleFor(input.tool, config);
      if (rule === undefined) return await next(input, signal);
      const answer = await next({ ...input, tool: { ...input.tool, approval: 'ask' } }, signal);
      if (answer.type !== 'ask' || answer.need !== undefined) return answer;
      return { ...answer, ...narrowed(answer, rule), reason: reasonOf(answer, rule, config) };
    },
  };
}

type Rule = { readonly [Key in keyof z.infer<typeof rule>]?: Readonly<z.infer<typeof rule>[Key]> };

/** Undefined: not by this layer. The tool's own name counts before one with a `*`. */
function ruleFor(tool: Parameters<typeof isMeant>[0], { interrupt_on: rules }: Config): Rule | undefined {
  const own = [tool.name, tool.sourceName].find((name) => Object.hasOwn(rules, name));
  const key = own ?? Object.keys(rules).find((name) => isMeant(tool, [name]));
  const found = key === undefined ? false : rules[key];
  if (found === undefined || found === false) return undefined;
  return found === true ? {} : found;
}

function reasonOf({ reason }: Ask, { description }: Rule, { description_prefix: prefix }: Config): string {
  const own = (description ?? prefix).replace(/\.$/, '');
  if (reason.includes(own)) return reason;
  return reason === '' ? `${own}.` : `${own}. ${reason}`;
}

/** What another layer does not allow stays so. Where two leave nothing in common, people can still say no. */
function narrowed(
  { allows = askDecisions, argsSchemas = [] }: Ask,
  { allowed_decisions: allowed = decisions, args_schema: schema }: Rule,
): Pick<Ask, 'allows' | 'argsSchemas'> {
  const words = new Set<AskDecision>(allowed.map((word) => (word === 'reject' ? 'deny' : word)));
  const both = allows.filter((word) => words.has(word));
  return {
    allows: both.length === 0 ? ['deny'] : both,
    ...(schema === undefined ? {} : { argsSchemas: [...argsSchemas, schema] }),
  };
}
