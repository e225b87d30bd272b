import { z } from 'zod';
import { defineMiddleware, type Layer } from './definition.ts';
import { options, refused } from './options.ts';
import { isMeant } from './tool-again.ts';

const editRefused =
  'Arguments cannot be edited on an approval: it is bound to exactly the call that people saw. Reject it and say what to do instead.';
const respondRefused =
  'People respond by rejecting with a reason, which the model reads; respond is no decision of its own.';

const decision = z
  .string()
  .superRefine((given, { addIssue }) => {
    if (given === 'edit') addIssue(editRefused);
    else if (given === 'respond') addIssue(respondRefused);
    else if (given !== 'approve' && given !== 'reject') addIssue('There are approve and reject.');
  })
  .describe('approve or reject.');

const rule = options({
  allowed_decisions: z
    .array(decision)
    .refine((given) => given.includes('approve') && given.includes('reject'), {
      error: 'Write both approve and reject: whoever is asked may always say no.',
    })
    .default(['approve', 'reject'])
    .describe('Both, always.'),
  description: z
    .string()
    .min(1)
    .max(500)
    .optional()
    .describe('What people read on the card, in place of the prefix.'),
  args_schema: refused(
    'Arguments cannot be edited on an approval, so that there is nothing to check them by.',
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

/**
 * Has people asked before tools run that policy would let run by themselves. It only adds: what policy asks
 * is asked all the same, with the same one approval for each call. Each call of several is decided on its own.
 */
export const humanInTheLoop = defineMiddleware({
  name: 'HumanInTheLoopMiddleware',
  description: 'Has people asked before certain tools run.',
  priority: 12,
  config,
  build,
});

function build(config: Config): Layer {
  if (Object.values(config.interrupt_on).every((asks) => asks === false)) return {};
  return {
    async tool(input, next, signal) {
      const reason = reasonFor(input.tool, config);
      if (reason === undefined) return await next(input, signal);
      const answer = await next({ ...input, tool: { ...input.tool, approval: 'ask' } }, signal);
      if (answer.type !== 'ask' || answer.need !== undefined) return answer;
      const said = answer.reason === '' || answer.reason.includes(reason) ? '' : ` ${answer.reason}`;
      return { ...answer, reason: answer.reason.includes(reason) ? answer.reason : `${reason}.${said}` };
    },
  };
}

/** Undefined: not by this layer. The tool's own name counts before one with a `*`. */
function reasonFor(
  tool: Parameters<typeof isMeant>[0],
  { interrupt_on: rules, description_prefix: prefix }: Config,
): string | undefined {
  const own = [tool.name, tool.sourceName].find((name) => Object.hasOwn(rules, name));
  const key = own ?? Object.keys(rules).find((name) => isMeant(tool, [name]));
  const found = key === undefined ? false : rules[key];
  if (found === undefined || found === false) return undefined;
  return (found === true ? prefix : (found.description ?? prefix)).replace(/\.$/, '');
}
