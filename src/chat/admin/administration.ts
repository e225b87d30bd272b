import type { Desk, DeskCaller, DeskRow } from '../desk.ts';
import { nearest } from '../nearest.ts';
import { type AdminAnswer, say } from './answer.ts';
import { type ApprovalsDesk, createApprovalsAnswer } from './approvals.ts';
import { createChanging } from './changing.ts';
import { createChoosing } from './choosing.ts';
import { type Command, type Line, type Pair, type Reading, readLine } from './command-line.ts';
import { readExact } from './exact.ts';
import { createFirstSteps } from './first-steps.ts';
import { helpOnAll, helpOnDeed, helpOnKind, helpOnTopic } from './help.ts';
import { createLooking } from './looking.ts';
import { createMeaning } from './meant.ts';
import { deedMeant } from './misspelt.ts';
import { createRefusing } from './refusing.ts';
import { mistake, pairsText } from './said.ts';
import { createSentForms, type SentForms } from './sent-forms.ts';
import { sharedAnswer } from './shared.ts';
import { quoted } from './tokens.ts';
import type { ReadTrace } from './trace.ts';
import { createUndoAnswer } from './undo-answer.ts';
import { isPlainTalk } from './unknown-deed.ts';
import { type ReadUsage, type UsagePeriod, usageAnswer, usagePeriods } from './usage.ts';
import type { Deed } from './vocabulary.ts';

/**
 * Administration from a chat: lines in, neutral answers out. The desk behind it asks for every permission
 * again. No method throws for what people can do something about, but for what says so.
 */
export interface Administration extends SentForms {
  /** A line of a slash command, a command list, a button or the console. Undefined: it is about something else. */
  run(line: string, by: DeskCaller): Promise<AdminAnswer | undefined>;
  /**
   * Whether a message is a command: only an exact, complete one about things that are there is. Does nothing,
   * so that who heard the message twice can run it once.
   */
  isCommand(text: string, by: DeskCaller): Promise<boolean>;
  /** Runs a message that is a command. Undefined: it is none. */
  hear(text: string, by: DeskCaller): Promise<AdminAnswer | undefined>;
  /**
   * What leads to a working model whoever may add one, while there is none. Undefined: there is one, or it
   * is nothing that this caller can do.
   */
  firstSteps(by: DeskCaller): Promise<AdminAnswer | undefined>;
}

export interface AdministrationOptions {
  readonly desk: Desk;
  readonly usage: ReadUsage;
  /** Markdown about what is wrong and how to mend it. Throws `ForbiddenError`. */
  readonly doctor?: (by: DeskCaller) => Promise<string>;
  readonly trace?: ReadTrace;
  /** What waits for people. Absent: nothing ever does. */
  readonly approvals?: ApprovalsDesk;
}

export function createAdministration(options: AdministrationOptions): Administration {
  const { desk, usage, doctor, trace } = options;
  const approvals = options.approvals === undefined ? undefined : createApprovalsAnswer(options.approvals);
  const refusing = createRefusing(desk);
  const meaning = createMeaning(desk);
  const looking = createLooking(desk, meaning);
  const changing = createChanging(desk);
  const choosing = createChoosing(desk);
  const undoing = createUndoAnswer(desk);
  const forms = createSentForms({ desk, refusing, choosing, acted: changing.acted });
  let firstWords: ReadonlySet<string> | undefined;

  /** Most messages are none: those are told apart before anything is looked up. */
  function mayBegin(text: string): boolean {
    const nobody = { author: { principal: '', name: '' }, permissions: new Set<string>(), source: '' };
    firstWords ??= new Set([
      ...['help', 'undo', 'usage', 'doctor', 'trace', 'approvals'],
      ...desk.kinds(nobody).flatMap(({ word, path }) => [word, path]),
    ]);
    return firstWords.has(/^\s*(\S{1,40})/.exec(text)?.[1]?.toLowerCase() ?? '');
  }

  async function answer(reading: Reading, by: DeskCaller): Promise<AdminAnswer | undefined> {
    switch (reading.type) {
      case 'talk':
        return undefined;
      case 'mistake':
        return mistake(
          reading.sentence,
          reading.meant === undefined ? undefined : await looking.mended(reading.meant, by),
        );
      case 'help':
        return help(reading, by);
      case 'undo':
        return await undoing(reading.id, by);
      case 'usage':
        return await usageOf(reading.words, by);
      case 'doctor':
        return doctor === undefined ? undefined : say(await doctor(by));
      case 'trace':
        return trace === undefined ? undefined : say(await trace(reading.id, by));
      case 'approvals':
        return await approvals?.(reading.wanted, by);
      case 'help_on':
        return helpOnTopic(reading.topic);
      case 'unplaced':
        return await unplaced(reading, by);
      case 'command':
        return await command(reading.command, by);
      default:
        return reading satisfies never;
    }
  }

  /** With the kind and what is named it is all there; else it is asked for. */
  async function unplaced(
    { kind, orders }: Extract<Reading, { type: 'unplaced' }>,
    by: DeskCaller,
  ): Promise<AdminAnswer | undefined> {
    const fitting = await looking.fitting(orders, kind === undefined ? desk.kinds(by) : [kind], by);
    const [only] = fitting;
    const isWhole = kind !== undefined && only !== undefined && fitting.length === 1 && only.name !== '';
    return isWhole ? await command(only, by) : looking.withWhat(fitting);
  }

  function help({ kind, deed }: Extract<Reading, { type: 'help' }>, by: DeskCaller): AdminAnswer {
    if (kind === undefined) return helpOnAll(desk.kinds(by));
    return deed === undefined ? helpOnKind(kind) : helpOnDeed(kind, deed);
  }

  async function usageOf(words: readonly string[], by: DeskCaller): Promise<AdminAnswer | undefined> {
    const wanted = words.filter((word) => !notPeriods.test(word));
    const [word = 'today'] = wanted;
    const period = usagePeriods.find((known) => known === word.toLowerCase().replace(/s$/, ''));
    if (period === undefined || wanted.length > 1) {
      const meant = nearest(word, usagePeriods);
      return wanted.length > 2
        ? undefined
        : mistake(
            'I know `usage today`, `usage week` and `usage month`.',
            meant === undefined ? undefined : `usage ${meant}`,
          );
    }
    const known: UsagePeriod = period;
    return usageAnswer(await usage(by, known), known);
  }

  async function command(given: Command, by: DeskCaller): Promise<AdminAnswer | undefined> {
    const { kind, deed = impliedBy(given) } = given;
    if (isPlainTalk(given) && !(await isNamed(given, by))) return undefined;
    const refused = await refusing.refusal(kind, deed);
    if (refused !== undefined) return refused;
    if (given.deed === undefined && deedMeant(kind, given.name) !== undefined && !(await isNamed(given, by)))
      return await looking.notThere(given, by);
    const meant = await meaning.fields({ ...given, deed }, by);
    if (meant !== undefined) return mistake(meant.sentences.join(' '), meant.line);
    const wanted = { ...given, pairs: await meaning.spelt({ ...given, deed }, by) };
    const isList =
      deed.type === 'verb' && (deed.verb === 'list' || (deed.verb === 'show' && wanted.name === ''));
    if (isList) return await looking.list(wanted, by);
    if (deed.type === 'verb' && deed.verb === 'add') {
      if (wanted.isLoose !== true) return await changing.add(wanted, by);
      const loose = await meaning.loose({ ...wanted, deed }, by);
      return mistake(loose.sentences.join(' '), loose.line);
    }
    if (wanted.name === '') return await looking.whichOne(kind, deed, by);
    const found = await desk.find(kind.path, by, wanted.name);
    const [row] = found;
    if (row === undefined) return await looking.notThere(wanted, by);
    if (found.length > 1) return looking.ambiguous(wanted, deed, found);
    return await doTo({ ...wanted, deed }, row, by);
  }

  /** Without a verb, what has no pairs is shown or listed; what has some could mean two things. */
  async function doTo(
    wanted: Command & { readonly deed: Deed },
    row: DeskRow,
    by: DeskCaller,
  ): Promise<AdminAnswer> {
    const { kind, deed, pairs } = wanted;
    if (deed.type === 'action') return await changing.act({ ...wanted, deed }, row, by);
    switch (deed.verb) {
      case 'edit':
        return await changing.edit(wanted, row, by);
      case 'delete':
        return await changing.remove(kind, row, { by, isSure: pairs.some(isConfirmation), ...seenIn(pairs) });
      case 'enable':
      case 'disable':
        return await changing.turn(kind, row, { by, isOn: deed.verb === 'enable' });
      default:
        if (pairs.length > 0)
          return mistake(
            'Nobody said what to do with that.',
            `${kind.word} edit ${quoted(row.name)} ${pairsText(pairs)}`,
          );
        return await looking.show(kind, row, by);
    }
  }

  async function answerLine(line: Line, text: string, by: DeskCaller): Promise<AdminAnswer | undefined> {
    const found = await refusing.saying(async () => {
      if (line.reading.type === 'talk') return undefined;
      const refused = desk.refusal(text);
      if (refused !== undefined) return say(refused);
      const answered = await answer(line.reading, by);
      return answered === undefined ? undefined : await choosing.spread(answered, by);
    });
    if (found === undefined || !line.isPublic || found.isSecret === true) return found;
    return sharedAnswer(found, line, text);
  }

  /** A plain message may only be taken for a command when what it names is there. */
  async function isThere({ reading }: Line, by: DeskCaller): Promise<boolean> {
    if (reading.type === 'undo' && !/^[0-9a-f-]{36}$/.test(reading.id ?? ''))
      return (await desk.undoable(by)).length > 0;
    if (reading.type !== 'command' || reading.command.name === '') return reading.type !== 'talk';
    const { kind, name } = reading.command;
    return !kind.allowed.has('show') || (await isNamed({ kind, name }, by));
  }

  async function isNamed({ kind, name }: Pick<Command, 'kind' | 'name'>, by: DeskCaller): Promise<boolean> {
    const found = await desk.find(kind.path, by, name).catch((): readonly DeskRow[] => []);
    return found.length > 0;
  }

  return {
    async run(text, by) {
      const line = clean(text);
      return await answerLine(readLine(line, desk.kinds(by)), line, by);
    },
    isCommand: async (text, by) =>
      mayBegin(text) && (await isThere(readExact(clean(text), desk.kinds(by)), by)),
    async hear(text, by) {
      if (!mayBegin(text)) return undefined;
      const line = readExact(clean(text), desk.kinds(by));
      return (await isThere(line, by)) ? await answerLine(line, text, by) : undefined;
    },
    firstSteps: createFirstSteps(desk),
    ...forms,
  };
}

/** The report has all of these anyway. */
const notPeriods = /^(this|of|the|show|for|in|by|users?|persons?|people|models?|channels?|and)$/i;

function impliedBy({ name, pairs, kind }: Command): Deed {
  const isList = name === '' && (pairs.length === 0 || kind.verbs.has('list'));
  return { type: 'verb', verb: isList ? 'list' : 'show' };
}

/** The revision that a button shows. */
function seenIn(pairs: readonly Pair[]): { readonly seen?: string } {
  const seen = pairs.find(({ key, text }) => key === 'revision' && /^\d{1,30}$/.test(text));
  return seen === undefined ? {} : { seen: seen.text };
}

function isConfirmation({ key, text }: Pair): boolean {
  return key === 'confirm' && /^(yes|true|1)$/i.test(text);
}

/** Databases take neither NUL nor halves of characters. */
function clean(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '');
}
