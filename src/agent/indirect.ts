import type { JsonObject } from './json.ts';
import type { ToolCall, ToolMessage } from './messages.ts';
import type { ToolSpec } from './provider.ts';

/** The names of the bot's own tools that stand for all others when there are many. */
export const findTools = 'find_tools';
export const callTool = 'call_tool';

/**
 * The call that is to be run, of a call as the model made it: one through `call_tool` becomes the call
 * inside, under the same id. Its arguments may be an object or the JSON text of one. What cannot be
 * understood is `invalid`, with a sentence for the model.
 */
export function toRun(asked: ToolCall): ToolCall {
  if (asked.name !== callTool || asked.invalid !== undefined) return asked;
  const { name, arguments: args } = asked.arguments;
  if (typeof name !== 'string' || name.trim() === '') {
    return { ...asked, invalid: `${callTool} needs the tool's \`name\`, as ${findTools} gives it.` };
  }
  const inner = { id: asked.id, name: name.trim() };
  if (inner.name === callTool) {
    return { ...asked, invalid: `${callTool} cannot call itself; name the tool that you want.` };
  }
  const object = objectOf(args);
  if (object !== undefined) return { ...inner, arguments: object };
  return { ...inner, arguments: {}, invalid: '`arguments` must be a JSON object.' };
}

/** The tool that a result came from: the inner one, where the model called through another. */
export function toolOf(message: Pick<ToolMessage, 'name' | 'tool'>): string {
  return message.tool ?? message.name;
}

/** The tool whose words a result holds, which may have been said to another and are only read again. */
export function speakerOf(message: Pick<ToolMessage, 'name' | 'tool' | 'wordsOf'>): string {
  return message.wordsOf ?? toolOf(message);
}

/** Which required arguments are not there; empty when all are. */
export function missingArguments({ inputSchema }: ToolSpec, args: JsonObject): readonly string[] {
  const { required } = inputSchema;
  const names = Array.isArray(required) ? required.map(String) : [];
  return names.filter((name) => !Object.hasOwn(args, name));
}

function objectOf(value: unknown): JsonObject | undefined {
  if (value === undefined || value === null || value === '') return {};
  if (typeof value === 'string') return parsed(value);
  return isObject(value) ? value : undefined;
}

function parsed(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
