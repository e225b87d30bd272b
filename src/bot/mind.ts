import { estimateToolTokens } from '../agent/budget.ts';
import type { ModelNext } from '../agent/middleware.ts';
import type { ToolSpec } from '../agent/provider.ts';
import type { Tool } from '../agent/tool.ts';
import type { ActiveTurn } from './activation.ts';
import { attendInThread } from './attend-commands.ts';
import { commandModel, noModel, parseCommand } from './commands.ts';
import { promptFirst } from './context-commands.ts';
import type { BotParts, LoadedModel } from './parts.ts';

const unknownWindow = 64_000;
const answerReserve = 4096;

/** What speaks: a model, a command in its place, or the word that there is no model. */
export interface Mind {
  readonly isModel: boolean;
  readonly name: string;
  readonly model: ModelNext;
  /** What comes before the model and its middleware. */
  begin(next: ModelNext): ModelNext;
  readonly loaded?: LoadedModel;
  readonly parameters: { readonly temperature?: number; readonly maxOutputTokens?: number };
}

export async function chooseMind(parts: BotParts, active: ActiveTurn, tools: readonly Tool[]): Promise<Mind> {
  const begin = (next: ModelNext) => next;
  const bare = { isModel: false, name: '', parameters: {}, begin } as const;
  const attending = await attendInThread(parts, active);
  if (attending !== undefined) return { ...bare, model: attending };
  const withheld = parts.withheld();
  const command = parseCommand(active.turn.question, tools, withheld);
  const row = active.config.model;
  const isAsked = command?.type === 'prompt' && row !== undefined;
  if (command !== undefined && !isAsked)
    return { ...bare, model: commandModel(command, { tools, withheld, health: parts.health }) };
  if (row === undefined) return { ...bare, model: noModel(parts) };
  const loaded = await parts.model(row, active.config.version);
  const parameters = {
    ...(row.temperature === undefined ? {} : { temperature: row.temperature }),
    ...(loaded.maxOutputTokens === undefined ? {} : { maxOutputTokens: loaded.maxOutputTokens }),
  };
  return {
    ...{ isModel: true, name: row.name, model: loaded.provider, loaded, parameters },
    begin: command?.type === 'prompt' ? (next) => promptFirst(command, next) : begin,
  };
}

/** Tokens left for system prompt, history and turn, once the answer and the tools have theirs. */
export function roomOf(loaded: LoadedModel | undefined, specs: readonly ToolSpec[]): number {
  const window = loaded?.contextWindow ?? unknownWindow;
  const toolTokens = specs.length === 0 ? 0 : estimateToolTokens(specs);
  const reserve = Math.min(loaded?.maxOutputTokens ?? answerReserve, window / 4);
  return Math.max(1000, Math.floor((window - toolTokens - reserve) * 0.9));
}
