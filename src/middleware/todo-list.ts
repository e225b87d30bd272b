import { z } from 'zod';
import type { ToolInput } from '../agent/middleware.ts';
import type { Tool, ToolOutcome } from '../agent/tool.ts';
import { defineMiddleware, type Layer, type MiddlewareParts } from './definition.ts';
import { options } from './options.ts';

const config = options({
  system_prompt: z
    .string()
    .min(1)
    .optional()
    .describe('What the model is told of lists, at the end of its prompt.'),
  tool_description: z.string().min(1).optional().describe('How the tool write_todos is described.'),
});

const name = 'TodoListMiddleware';
const toolName = 'write_todos';

/** Lets models plan long work as a list, which people see while it is done, and under an answer that leaves some undone. */
export const todoList = defineMiddleware({
  name,
  description: 'Lets models plan long work as a list, which people see.',
  priority: 70,
  config,
  build,
});

const usualPrompt = `For work of three or more steps, plan with ${toolName} before you begin: write all steps as a list, keep it true while you work, and mark a step completed as soon as it is done. For less, answer without it.`;

const usualDescription =
  'Writes the list of what is to be done, in place of the earlier one. Send the whole list each time, and call it once at a time. One step is in_progress while you work.';

const todo = z.object({
  content: z.string().trim().min(1).max(500),
  status: z.enum(['pending', 'in_progress', 'completed']),
});
const todos = z.object({ todos: z.array(todo).max(50) });
type Todo = z.infer<typeof todo>;

const signs = { pending: '⬜', in_progress: '⏳', completed: '✅' } as const;

function build({ system_prompt, tool_description }: z.infer<typeof config>, parts: MiddlewareParts): Layer {
  const { state, status, plan, notice } = parts;
  const stored = () => todos.safeParse({ todos: state.get() }).data?.todos ?? [];

  const show = (list: readonly Todo[]) =>
    plan(list.map(({ content, status: stands }) => ({ text: oneLine(content), status: stands })));

  function write(list: readonly Todo[]): ToolOutcome {
    state.set(list.map((item) => ({ ...item })));
    status(statusOf(list));
    show(list);
    return { text: `This is the list now:\n${linesOf(list).join('\n')}`, isError: false };
  }

  return {
    tools: [toolOf(tool_description ?? usualDescription, write)],
    async turn(input, next) {
      if (stored().length > 0) show(stored());
      return await next(input);
    },
    async *model(request, next, signal) {
      const system = [request.system, system_prompt ?? usualPrompt]
        .filter((text) => text !== '')
        .join('\n\n');
      let calls = 0;
      for await (const event of next({ ...request, system }, signal)) {
        if (event.type === 'tool_call') calls += 1;
        if (event.type === 'restart') calls = 0;
        if (event.type === 'stop' && calls === 0 && stored().some(isOpen)) notice(planOf(stored()));
        yield event;
      }
    },
    async tool(input, next, signal) {
      if (input.tool.name !== toolName || !isOneOfSeveral(input, parts)) return await next(input, signal);
      const text = `Not written: you called ${toolName} several times at once, so that nobody knows which list counts. Call it once, with the whole list.`;
      return { type: 'result', ran: false, outcome: { text, isError: true } };
    },
  };
}

function toolOf(description: string, write: (list: readonly Todo[]) => ToolOutcome): Tool {
  return {
    name: toolName,
    description,
    inputSchema: {
      type: 'object',
      properties: {
        todos: {
          type: 'array',
          items: {
            type: 'object',
            properties: {
              content: { type: 'string', description: 'One step, in a few words.' },
              status: { type: 'string', enum: ['pending', 'in_progress', 'completed'] },
            },
            required: ['content', 'status'],
          },
        },
      },
      required: ['todos'],
    },
    source: 'bot',
    sourceName: toolName,
    effect: 'read',
    isTrusted: true,
    isQuiet: true,
    async run(args) {
      const parsed = todos.safeParse(args);
      if (parsed.success) return write(parsed.data.todos);
      return { text: `Not written: ${z.prettifyError(parsed.error)}`, isError: true };
    },
  };
}

function isOneOfSeveral({ call }: ToolInput, { steps }: MiddlewareParts): boolean {
  const last = steps().findLast((step) => step.type === 'model');
  if (last?.type !== 'model' || last.message.calls.every(({ id }) => id !== call.id)) return false;
  return last.message.calls.filter(({ name: called }) => called === toolName).length > 1;
}

function linesOf(list: readonly Todo[]): readonly string[] {
  return list.map(({ content, status }) => `${signs[status]} ${content}`);
}

function isOpen({ status }: Todo): boolean {
  return status !== 'completed';
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}

/** Under an answer that leaves something undone. */
function planOf(list: readonly Todo[]): string {
  return ['**The plan is not finished:**', ...linesOf(list).map((line) => `- ${oneLine(line)}`)].join('\n');
}

function statusOf(list: readonly Todo[]): string {
  const done = list.filter(({ status }) => status === 'completed').length;
  const now = list.find(({ status }) => status === 'in_progress')?.content ?? '';
  return `has done ${done} of ${list.length} steps${now === '' ? '' : `, now: ${now}`}`;
}
