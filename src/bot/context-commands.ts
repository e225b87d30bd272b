import type { JsonObject } from '../agent/json.ts';
import type { Message } from '../agent/messages.ts';
import type { ModelNext } from '../agent/middleware.ts';
import type { Tool } from '../agent/tool.ts';

/** A command that reads what a server offers besides its tools; by one of its tools, so that policy and log see it. */
export type ContextCommand =
  | { readonly type: 'run'; readonly tool: string; readonly arguments: JsonObject }
  /** What the tool gives is the person's question. */
  | { readonly type: 'prompt'; readonly tool: string; readonly arguments: JsonObject };

/** `resources`, `read`, `prompts` and `prompt` of a server that has them. Undefined: it is talk. */
export function parseContextCommand(words: string, tools: readonly Tool[]): ContextCommand | undefined {
  const [, verb = '', server = '', rest = ''] =
    /^(resources|read|prompts|prompt) +(\S+)(?:\s+(\S[\s\S]*))?$/i.exec(words) ?? [];
  const by = (context: NonNullable<Tool['context']>) =>
    tools.find((tool) => tool.context === context && tool.source === server)?.name;
  switch (verb.toLowerCase()) {
    case 'resources':
      return rest === '' ? runOf(by('resources'), {}) : undefined;
    case 'read':
      return isUri(rest) ? runOf(by('resource'), { uri: rest }) : undefined;
    case 'prompts':
      return rest === '' ? runOf(by('prompt'), {}) : undefined;
    case 'prompt':
      return promptOf(by('prompt'), rest);
    default:
      return undefined;
  }
}

function runOf(tool: string | undefined, args: JsonObject): ContextCommand | undefined {
  return tool === undefined ? undefined : { type: 'run', tool, arguments: args };
}

function isUri(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\S+$/i.test(text);
}

const pair = /(\S+?)=("(?:[^"\\]|\\.)*"|\S+)/g;

function promptOf(tool: string | undefined, rest: string): ContextCommand | undefined {
  const [, name = '', text = ''] = /^(\S+)(?:\s+(\S[\s\S]*))?$/.exec(rest) ?? [];
  if (tool === undefined || name === '' || name.includes('=')) return undefined;
  if (text.replaceAll(pair, '').trim() !== '') return undefined;
  const pairs = [...text.matchAll(pair)].map(([, key = '', value = '']) => [key, unquoted(value)] as const);
  return { type: 'prompt', tool, arguments: { name, arguments: Object.fromEntries(pairs) } };
}

function unquoted(value: string): string {
  return value.startsWith('"') ? value.slice(1, -1).replaceAll(/\\(.)/g, '$1') : value;
}

/**
 * First gets a server's prompt, as a call that policy and log see; then the model reads the prompt's
 * messages as the person's question, in this and every later step of the turn. A prompt that could not
 * be got is said, and the model is not asked.
 */
export function promptFirst(command: ContextCommand, next: ModelNext): ModelNext {
  return async function* (request, signal) {
    const id = `prompt-${request.turnId ?? ''}`;
    const got = request.messages.findLast((message) => message.role === 'tool' && message.callId === id);
    if (got === undefined) {
      yield { type: 'tool_call', call: { id, name: command.tool, arguments: command.arguments } };
      yield { type: 'stop', reason: 'tool_calls' };
    } else if (got.role === 'tool' && got.isError) {
      yield { type: 'text', text: `The prompt could not be got. ${got.text}` };
      yield { type: 'stop', reason: 'end' };
    } else {
      yield* next({ ...request, messages: asked(request.messages, { id, text: got.text }) }, signal);
    }
  };
}

/** The messages as if the person had written the prompt's text, without the call that got it. */
function asked(
  messages: readonly Message[],
  { id, text }: { readonly id: string; readonly text: string },
): readonly Message[] {
  const at = messages.findIndex(
    (message) => message.role === 'assistant' && message.calls.some((call) => call.id === id),
  );
  const question = messages.slice(0, at).findLastIndex((message) => message.role === 'user');
  return messages.flatMap((message, n): readonly Message[] => {
    if (n === question) return [{ role: 'user', text }];
    return n === at || (message.role === 'tool' && message.callId === id) ? [] : [message];
  });
}
