import { missingArguments } from './indirect.ts';
import { canonicalJson } from './json.ts';
import type { Fitted, KeptResult } from './keep.ts';
import type { AgentRun, EditedCall, EndedCall, Question } from './loop.ts';
import type { ToolAnswer } from './middleware.ts';
import { nearestNames } from './rank.ts';
import { countRepeats } from './repeats.ts';
import type { OpenCall, ResultStep } from './steps.ts';
import type { Tool, ToolOutcome } from './tool.ts';

/** How many pages are kept of a result, and how long their addresses may be. */
const mostLinks = 10;
const longestLink = 2000;

/** Runs the open calls in parallel; each ends with a stored result, or with a question to people. */
export async function runCalls(run: AgentRun, open: readonly OpenCall[]): Promise<readonly Question[]> {
  const isOneTooMany = countRepeats(run.journal.steps, run.maxRepeats);
  const outcomes = await settleAll(open.map((item) => runCall(run, item, isOneTooMany(item.call))));
  return outcomes.filter((question) => question !== undefined);
}

/** Waits for every call, so that none runs on unseen, and only then passes on the first failure. */
async function settleAll<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(promises);
  const failed = settled.find((item) => item.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return settled.filter((item) => item.status === 'fulfilled').map((item) => item.value);
}

async function runCall(run: AgentRun, asked: OpenCall, oneTooMany: boolean): Promise<Question | undefined> {
  const edited = run.edited?.(asked.call.id);
  const call = edited === undefined ? asked.call : { ...asked.call, arguments: edited.arguments };
  const open = { ...asked, call };
  const tool = usable(run, open);
  if (typeof tool === 'string') return void (await refuse(run, open, tool));
  if (oneTooMany) return void (await refuse(run, open, repeatText(run, call.name), true));
  const input = { call, tool, begun: open.begun, approved: run.approved(call.id) };
  const startedAt = performance.now();
  const answer = await run.tool(input, run.signal);
  run.timed?.({ type: 'tool', name: call.name, startedAt, endedAt: performance.now(), ...errorOf(answer) });
  if (answer.type === 'ask') {
    const { type: _asks, ...question } = answer;
    return { open, tool, ...question };
  }
  const durationMs = Math.round(performance.now() - startedAt);
  // What the innermost layer saw of the result may be more than people are to see.
  if (answer.ran && tool.isQuiet !== true) run.ended?.(endedCall(open, answer.outcome, durationMs));
  const copied = answer.isCopy === true ? { isCopy: true } : {};
  const { ran, isPersons = false } = answer;
  const isOther = canonicalJson(call.arguments) !== canonicalJson(asked.call.arguments);
  const told = isOther ? edited : undefined;
  await storeResult(run, open, answer.outcome, { durationMs, ran, isPersons, edited: told, ...copied });
  return undefined;
}

function errorOf(answer: ToolAnswer): { readonly error?: string } {
  if (answer.type === 'ask') return { error: 'waits for people' };
  if (!answer.outcome.isError) return {};
  return { error: answer.ran ? 'failed' : 'not run' };
}

function endedCall({ call }: OpenCall, { isError, text }: ToolOutcome, durationMs: number): EndedCall {
  return { id: call.id, name: call.name, ok: !isError, durationMs, text };
}

/** The tool that is to be run, or what keeps the call from being run at all, for the model to mend. */
function usable(run: AgentRun, open: OpenCall): Tool | string {
  const { call } = open;
  const tool = run.tools.get(call.name);
  const away = tool === undefined ? awayText(run, open) : undefined;
  if (away !== undefined) return away;
  if (call.invalid !== undefined) return `The arguments were not usable: ${call.invalid}`;
  if (tool === undefined) return unknownTool(run, call.name);
  // A model that was told of a tool in the prefix mends its arguments by what the tool itself says.
  if (run.specs.some((spec) => spec.name === tool.name)) return tool;
  const missing = missingArguments(tool, call.arguments);
  if (missing.length === 0) return tool;
  return `Not run: ${call.name} needs ${missing.join(', ')}. Its parameters: ${JSON.stringify(tool.inputSchema)}`;
}

async function storeResult(
  run: AgentRun,
  open: OpenCall,
  outcome: ToolOutcome,
  facts: ResultFacts,
): Promise<void> {
  const { text: whole, kept } = fitted(run, open, outcome);
  const told = editedText(facts);
  const text = `${told}${whole}`;
  const step = resultStep(open, { ...outcome, text }, { ...facts, kept, personsLength: told.length });
  await run.journal.append(step, kept);
}

const longestShown = 2000;

/** The history keeps the call as the model made it, which vendors match by; its result says what ran instead. */
function editedText({ ran, isCopy = false, edited }: ResultFacts): string {
  if (edited === undefined || !(ran || isCopy)) return '';
  const { by, reason } = edited;
  const why = reason === undefined ? '' : ` Their reason: “${reason}”.`;
  const json = canonicalJson(edited.arguments);
  const shown = json.length > longestShown ? `${json.slice(0, longestShown)}… (cut here)` : json;
  return `${by} changed the arguments when they approved this call. It ran with ${shown} and not with yours.${why}\n\n`;
}

/** What is only read again is stored already. */
function fitted(run: AgentRun, { call }: OpenCall, { text, images, wordsOf }: ToolOutcome): Fitted {
  if (wordsOf !== undefined) return { text };
  return run.keepResult({ tool: call.name, text, ...(images === undefined ? {} : { images }) });
}

function refuse(run: AgentRun, open: OpenCall, text: string, asRepeat = false): Promise<void> {
  const step = resultStep(open, { text, isError: true }, { durationMs: 0, ran: false });
  return run.journal.append(asRepeat ? { ...step, refusedAsRepeat: true } : step);
}

interface ResultFacts {
  readonly durationMs: number;
  readonly ran: boolean;
  readonly isCopy?: boolean;
  readonly isPersons?: boolean;
  readonly edited?: EditedCall | undefined;
  readonly kept?: KeptResult | undefined;
  /** How many characters of the text tell of what a person wrote. */
  readonly personsLength?: number;
}

function resultStep(
  { call, asked }: OpenCall,
  { text, isError, wordsOf, links = [] }: ToolOutcome,
  { kept, edited: _told, isPersons = false, personsLength = 0, ...facts }: ResultFacts,
): ResultStep {
  const pages = links.filter(({ uri }) => /^https?:\/\//.test(uri) && uri.length <= longestLink);
  const message = {
    role: 'tool',
    callId: call.id,
    name: asked.name,
    ...(asked.name === call.name ? {} : { tool: call.name }),
    ...(wordsOf === undefined ? {} : { wordsOf }),
    ...(isPersons ? { isPersons } : {}),
    ...(personsLength === 0 ? {} : { personsLength }),
    ...(pages.length === 0 ? {} : { links: pages.slice(0, mostLinks) }),
    ...(kept === undefined ? {} : { kept: { id: kept.id, characters: kept.text.length } }),
    text,
    isError,
  } as const;
  return { type: 'result', message, ...facts };
}

function repeatText(run: AgentRun, tool: string): string {
  return `Not run: ${tool} was already called ${run.maxRepeats} times in this turn with exactly these arguments. Use the results you have, or try something else.`;
}

/** A call that had begun, or that people approved, is not unknown: its server is away. */
function awayText(run: AgentRun, { call, begun }: OpenCall): string | undefined {
  if (begun.length > 0) {
    return `Cut off: an earlier attempt of ${call.name} may have taken effect, and its server is not connected now. Tell the person to check.`;
  }
  if (run.approved(call.id))
    return `Not run, although it was approved: the server of ${call.name} is not connected now.`;
  return undefined;
}

function unknownTool(run: AgentRun, name: string): string {
  const names = [...run.tools.keys()];
  if (names.length === 0) return `There is no tool ${name}; no tools are available.`;
  return `There is no tool ${name}. Available: ${nearestNames(names, name, 10).join(', ')}.`;
}
